import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Connection, type Target } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const SESSIONS = 10_000;

/** Who connect at the same time: more would overflow the kernel's queue, and try again after a second. */
const AT_ONCE = 250;

/** superd raises its own limit; servers do not see that (child-process.test.ts). */
const AS_USUAL = ['sh', '-c', 'ulimit -Sn 1024; exec "$@"', 'sh'];

const hard = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
const mayHave = (descriptors: number) => ({
  files: {
    there: hard === 'unlimited' || Number(hard) >= descriptors,
    called: `${descriptors} descriptors for a process (ulimit -Hn, here ${hard})`,
  },
  superdOnly: 'xinetd has a process for each',
});

async function crowd(target: Target, count: number): Promise<Connection[]> {
  const clients: Connection[] = [];
  while (clients.length < count) {
    // Without an address of their own: bind(2) looks for a free port among all that were ever used, connect(2) by the pair of ends.
    const some = Array.from({ length: AT_ONCE }, () => Connection.open(target));
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

/** All are there at once, each gets its own back, and nothing is left of them. */
async function expectServed(daemon: Daemon, target: Target, count: number, descriptors: number): Promise<void> {
  const before = descriptorsOf(daemon.pid).size;
  const clients = await crowd(target, count);
  for (const [number, client] of clients.entries()) client.send(`${number}\n`);
  await waitFor('all answers', () => clients.every(({ text, ending }, number) => ending === null && text === `${number}\n`));
  expect(descriptorsOf(daemon.pid).size).toBeGreaterThanOrEqual(descriptors);
  for (const client of clients) client.close();
  // Pipes for pieces to come are kept (MOST_PIPES of native/relay-session.h).
  await waitFor('all descriptors to be given back', () => descriptorsOf(daemon.pid).size <= before + 600);
}

const free = { cps: [0, 1], log_type: ['FILE', '/dev/null'] };

describeWith(mayHave(SESSIONS + 5000), `${SESSIONS} sessions at once`, () => {
  test('of a service that superd answers itself', async () => {
    const [port] = (await freePorts(1)) as [number];
    const config = serviceBlock('echo', { ...free, port, type: ['INTERNAL', 'UNLISTED'] });
    await expectServed(await startDaemon({ config, prefix: AS_USUAL }), { port }, SESSIONS, SESSIONS);
  });
});

/** Two descriptors each, and pipes and the like beside them; the service behind is another daemon's. */
const REDIRECTED = Math.min(SESSIONS, Math.floor((Number(hard) - 2000) / 2 / AT_ONCE) * AT_ONCE || SESSIONS);

describeWith(mayHave(SESSIONS), `${REDIRECTED} redirected sessions at once`, () => {
  test('to another superd', async () => {
    const [port, echo] = (await freePorts(2)) as [number, number];
    await startDaemon({ config: serviceBlock('echo', { ...free, port: echo, type: ['INTERNAL', 'UNLISTED'] }), prefix: AS_USUAL });
    const config = serviceBlock('door', { ...free, port, redirect: ['127.0.0.1', echo] });
    await expectServed(await startDaemon({ config, prefix: AS_USUAL }), { port }, REDIRECTED, 2 * REDIRECTED);
  });
});
