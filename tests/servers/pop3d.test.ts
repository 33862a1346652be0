import { chownSync, writeFileSync } from 'node:fs';
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

const MAIL = 'From someone@example.org Sun Nov 22 12:00:00 2026\nFrom: someone@example.org\nSubject: Lunch\n\nAt noon, as ever.\n\n';

describeWith({ root: true, programs: ['popa3d', 'curl'], mountNamespaces: true }, 'a POP3 daemon', () => {
  test('lists the mailbox and sends a message to a client with the password', async () => {
    const { users, mounts } = makeAccounts('guest');
    const guest = users[0]!;
    const mailboxes = temporaryDirectory();
    const mailbox = join(mailboxes, guest.name);
    writeFileSync(mailbox, MAIL, { mode: 0o600 });
    chownSync(mailbox, guest.uid, guest.gid);
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('pop3', { port, server: findProgram('popa3d')! }),
      prefix: withMounts({ ...mounts, '/var/mail': mailboxes }),
    });
    const fetch = (path: string, password: string) =>
      run('curl', ['--silent', '--show-error', '--user', `${guest.name}:${password}`, `pop3://127.0.0.1:${port}/${path}`]);
    expect((await fetch('', guest.password)).stdout).toMatch(/^1 \d+\r?\n/);
    expect((await fetch('1', guest.password)).stdout).toContain('At noon, as ever.');
    expect((await fetch('1', 'wrong')).stderr).toMatch(/denied/i);
    await daemon.waitForEntry(/^EXIT: pop3 status=0 /);
  });
});
