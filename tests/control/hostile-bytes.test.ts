import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { privateKilobytes } from '../support/processes.js';
import { serviceBlock } from '../support/service-block.js';
import { send, sendings } from './hostile-bytes.js';
import { superctl } from './superctl.js';

/** SUPERD_FUZZ_REQUESTS=100000 for a long run. */
const REQUESTS = Number(process.env['SUPERD_FUZZ_REQUESTS'] ?? 500);

test('whatever is said to the control socket, superd goes on, and keeps nothing of it', async () => {
  const daemon = await startDaemon({ config: serviceBlock('greet', { port: await freePort(), server: '/bin/echo' }) });
  const some = (numRuns: number) =>
    fc.assert(
      fc.asyncProperty(sendings, (bytes) => send(daemon, bytes)),
      { numRuns },
    );
  await some(100);
  const before = privateKilobytes(daemon.pid);
  await some(REQUESTS);
  expect(privateKilobytes(daemon.pid) - before).toBeLessThan(16 * 1024);
  expect((await superctl(daemon, ['list'])).code).toBe(0);
});
