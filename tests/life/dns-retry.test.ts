import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

describeWith({ root: true, programs: ['unshare'], superdOnly: 'xinetd compares names only' }, 'a name without an address', () => {
  test('is looked up again, and its host is admitted when it has one', async () => {
    const hosts = join(temporaryDirectory(), 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n');
    const port = await freePort();
    const config = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', only_from: 'late.invalid' });
    const daemon = await startDaemon({ config, prefix: withMounts({ '/etc/hosts': hosts }) });
    expect(await knock({ port, from: '127.0.0.1' })).toBe('closed');
    appendFileSync(hosts, '127.0.0.1 late.invalid\n');
    await daemon.waitForWords(/names that have an address now: late\.invalid/);
    expect(await knock({ port, from: '127.0.0.1' })).toBe('hello\n');
  });
});
