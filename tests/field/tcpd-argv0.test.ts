import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownTcpd, serve } from '../access/serve-tcpd.js';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';

const superctl = new URL('../../bin/superctl', import.meta.url).pathname;
const originalTcpd = '/usr/sbin/tcpd';

describeWith({ root: true, mountNamespaces: true, programs: ['perl', originalTcpd] }, 'the name that a server sees behind tcpd', () => {
  test.each([
    ['the last part of an absolute path', ['/bin/sh', '-c', 'tr "\\0" " " </proc/$$/cmdline']],
    ['any other word as written', ['../bin/sh', '-c', 'tr "\\0" " " </proc/$$/cmdline']],
  ] as const)('is %s, as with the original', async (_, argv) => {
    const [ours, theirs] = [await serve({}, argv, ownTcpd), await serve({}, argv, originalTcpd)];
    expect(ours.reply).toBe(theirs.reply);
    expect(ours.reply).toContain(argv[0].replace(/^\/.*\//, ''));
  });
});

describeWith({ root: true, superdOnly: 'xinetd starts tcpd itself' }, 'a line of inetd.conf with tcpd', () => {
  test.each([
    ['/bin/sh', 'sh'],
    ['../bin/sh', '../bin/sh'],
  ])('that names %s starts it as %s', async (server, name) => {
    const port = await freePort();
    const script = join(temporaryDirectory(), 'script');
    writeFileSync(script, 'tr "\\0" " " </proc/$$/cmdline\n');
    const line = `127.0.0.1:${port} stream tcp nowait root ${originalTcpd} ${server} ${script}\n`;
    const imported = await run(superctl, ['import', 'inetd', '-'], { input: line });
    await startDaemon({ config: imported.stdout });
    expect(await knock({ port })).toBe(`${name} ${script} `);
  });
});
