import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAccounts } from '../support/accounts.js';
import { startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { freePort } from '../support/ports.js';
import { describeWith, findProgram } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const ftpd = findProgram('in.ftpd') ?? findProgram('ftpd') ?? 'ftpd';

describeWith({ root: true, programs: [ftpd, 'ftp'], mountNamespaces: true }, 'ftpd', () => {
  test.each(['passive', 'active'])('lists a directory, sends a file and receives a file, in %s mode', async (mode) => {
    const { users, mounts } = makeAccounts('guest');
    const guest = users[0]!;
    const text = `${'A line of the file.\n'.repeat(5_000)}The end.\n`;
    writeFileSync(join(guest.home, 'offered.txt'), text);
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('ftp', { port, server: ftpd }), prefix: withMounts(mounts) });
    const here = temporaryDirectory();
    writeFileSync(join(here, 'brought.txt'), text);
    chmodSync(here, 0o777);
    const { stdout } = await run('ftp', ['-n', '-v', '127.0.0.1', String(port)], {
      cwd: here,
      input: [
        `user ${guest.name} ${guest.password}`,
        `passive ${mode === 'passive' ? 'on' : 'off'}`,
        'binary',
        'ls',
        'get offered.txt fetched.txt',
        'put brought.txt taken.txt',
        'bye',
        '',
      ].join('\n'),
    });
    expect(stdout).toMatch(/offered\.txt/);
    expect(readFileSync(join(here, 'fetched.txt'), 'utf8')).toBe(text);
    expect(readFileSync(join(guest.home, 'taken.txt'), 'utf8')).toBe(text);
    await daemon.waitForEntry(/^EXIT: ftp status=0 /);
  });
});
