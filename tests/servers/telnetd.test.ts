import { expect, test } from 'vitest';
import { makeAccounts } from '../support/accounts.js';
import { startDaemon } from '../support/daemon.js';
import { dialogue } from '../support/expect.js';
import { withMounts } from '../support/mounts.js';
import { freePort } from '../support/ports.js';
import { describeWith, findProgram } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';

/** Debian's inetutils-telnetd is called telnetd, others are called in.telnetd. */
const telnetd = findProgram('in.telnetd') ?? findProgram('telnetd') ?? 'telnetd';

describeWith({ root: true, programs: [telnetd, 'telnet', 'expect', 'login'], mountNamespaces: true }, 'telnetd', () => {
  test('leads a user from the login prompt to a shell on a terminal', async () => {
    const { users, mounts } = makeAccounts('guest');
    const [guest] = users;
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('telnet', { port, server: telnetd }), prefix: withMounts(mounts) });
    const { code, stdout } = await dialogue(
      `
        spawn -noecho telnet 127.0.0.1 [lindex $argv 0]
        wait_for "login: "
        send "[lindex $argv 1]\\r"
        wait_for "assword: "
        send "[lindex $argv 2]\\r"
        wait_for "$ "
        send "echo I am \\$(id -un) on \\$(tty | cut -c-9) in \\$PWD\\r"
        wait_for "I am guest on"
        wait_for "$ "
        send "exit\\r"
        wait_for "closed by foreign host"
      `,
      [String(port), guest!.name, guest!.password],
    );
    expect(stdout).toContain(`I am guest on /dev/pts/ in ${guest!.home}`);
    expect(code).toBe(0);
    await daemon.waitForEntry(/^EXIT: telnet status=\d+ pid=\d+ duration=\d+\(sec\)$/);
  });

  test('asks again after a wrong password', async () => {
    const { users, mounts } = makeAccounts('guest');
    const port = await freePort();
    await startDaemon({ config: serviceBlock('telnet', { port, server: telnetd }), prefix: withMounts(mounts) });
    const { code, stdout } = await dialogue(
      `
        spawn -noecho telnet 127.0.0.1 [lindex $argv 0]
        wait_for "login: "
        send "[lindex $argv 1]\\r"
        wait_for "assword: "
        send "wrong\\r"
        wait_for "incorrect"
        wait_for "login: "
      `,
      [String(port), users[0]!.name],
    );
    expect(`${code} ${stdout}`).toMatch(/^0 /);
  });
});
