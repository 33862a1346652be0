import { expect, test } from 'vitest';
import { Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { Running } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { RIGHTS } from './attacker.js';

const needs = { root: true, programs: ['setpriv', 'gcc'], superdOnly: 'xinetd keeps no connection' };

/** With 800,000 descriptors to look at, each client below waited more than five seconds. */
describeWith(needs, 'a local user with very many descriptors', () => {
  test('keeps no client waiting for the end of its answer', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', cps: '0 0' }) });
    await new Running('setpriv', [...RIGHTS, fixture('hoard-descriptors.c'), '40', '20000']).waitForLines(1);
    for (let i = 0; i < 3; i++) {
      const client = await Connection.open({ port });
      client.send('more than /bin/echo reads');
      expect(await client.waitForEnd(5000)).toMatch(/end|reset/);
    }
  });
});
