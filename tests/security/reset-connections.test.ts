import { expect, test } from 'vitest';
import { Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { acceptQueue } from '../support/queues.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const needs = { superdOnly: 'starts servers until cps closes the service' };

describeWith(needs, 'a stranger who resets a connection to a `wait = yes` service', () => {
  test.each(['/bin/false', '/bin/true'])('whose server takes none (%s): it starts a few servers, and superd drops it', async (server) => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('lame', { port, wait: 'yes', server }) });
    const starts = () => daemon.entries().filter((line) => line.startsWith('START: ')).length;
    for (let i = 0; i < 5; i++) (await Connection.open({ port })).socket.resetAndDestroy();
    await waitFor('the queue to be empty', () => acceptQueue(port) === 0 || starts() > 20, { evidence: () => daemon.account() });
    await waitFor('a start', () => starts() > 0);
    expect(starts()).toBeLessThanOrEqual(10);
  });
});
