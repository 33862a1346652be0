import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAccounts } from '../support/accounts.js';
import { startDaemon } from '../support/daemon.js';
import { dialogue } from '../support/expect.js';
import { fixture } from '../support/fixture.js';
import { withMounts } from '../support/mounts.js';
import { makeNetwork } from '../support/namespace.js';
import { describeWith, findProgram } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';

const needs = { root: true, programs: ['in.talkd', 'talk', 'expect', 'gcc'], networkNamespaces: true, mountNamespaces: true };

describeWith(needs, 'talkd over UDP', () => {
  test('connects two users who then read each other', async () => {
    // Both are logged in on one machine, which has a utmp file for the test.
    const { server } = makeNetwork({ server: ['192.168.10.1/24'], client: ['192.168.10.7/24'] });
    const { mounts } = makeAccounts('anna', 'bert');
    const run = temporaryDirectory();
    writeFileSync(join(run, 'utmp'), '');
    const prefix = withMounts({ ...mounts, '/run': run });
    const daemon = await startDaemon({
      config: `service ntalk
{
	socket_type = dgram
	wait = yes
	user = root
	server = ${findProgram('in.talkd')}
	flags = IPv4
}
`,
      namespace: server,
      prefix,
    });
    const { code, stdout } = await dialogue(
      `
        foreach name {anna bert} {
          spawn -noecho [lindex $argv 0] $name /run/utmp /bin/sh
          set at($name) $spawn_id
          wait_for "$ "
        }
        set spawn_id $at(anna)
        send "talk bert@localhost\\r"
        set spawn_id $at(bert)
        wait_for "anna@"
        send "talk anna@localhost\\r"
        wait_for "Connection established"
        set spawn_id $at(anna)
        wait_for "Connection established"
        send "Are you coming to lunch?"
        set spawn_id $at(bert)
        wait_for "Are you coming to lunch?"
        send "In a minute."
        set spawn_id $at(anna)
        wait_for "In a minute."
      `,
      [fixture('log-in-here.c')],
      [...server.enter, ...prefix],
    );
    expect(`${code} ${stdout}`).toMatch(/^0 /);
    await daemon.waitForEntry(/^START: ntalk pid=\d+ from=127\.0\.0\.1$/);
  });
});
