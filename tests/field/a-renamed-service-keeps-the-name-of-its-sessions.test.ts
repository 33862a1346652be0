import { expect, test } from 'vitest';
import { reload } from '../life/reloading.js';
import { Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';

describeWith({ superdOnly: 'xinetd ends the sessions of a renamed service' }, 'a service renamed on the same port', () => {
  test('logs the end of a session under the name of its start', async () => {
    const port = await freePort();
    const block = (name: string) => serviceBlock(name, { port, server: '/bin/cat' });
    const daemon = await startDaemon({ config: block('old') });
    const before = await Connection.open({ port });
    await daemon.waitForEntry(/^START: old /);
    await reload(daemon, block('new'));
    await reload(daemon, block('newest'));
    const after = await Connection.open({ port });
    await daemon.waitForEntry(/^START: newest /);
    for (const session of [before, after]) session.end();
    await daemon.waitForEntry(/^EXIT: old /);
    await daemon.waitForEntry(/^EXIT: newest /);
    expect(
      daemon
        .entries()
        .filter((line) => /^(START|EXIT): /.test(line))
        .map((line) => line.split(' ', 2).join(' '))
        .sort(),
    ).toEqual(['START: old', 'START: newest', 'EXIT: old', 'EXIT: newest'].sort());
  });
});
