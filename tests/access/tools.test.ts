import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';

const program = (name: string) => new URL(`../../bin/${name}`, import.meta.url).pathname;

/** A directory with the two tables. */
function tables(allow: string, deny: string, more: Readonly<Record<string, string>> = {}): string {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries({ 'hosts.allow': allow, 'hosts.deny': deny, ...more }))
    writeFileSync(join(directory, name), text);
  return directory;
}

describe('tcpdmatch', () => {
  const match = (cwd: string, ...args: string[]) => run(program('tcpdmatch'), ['-d', ...args], { cwd });

  test('shows the request, the rule, its options and the result', async () => {
    const cwd = tables('sshd: joe@192.0.2.: setenv A %u %a: allow\n', 'ALL: ALL: spawn echo %c: deny\n');
    expect(await match(cwd, 'sshd', 'joe@192.0.2.7')).toMatchObject({
      code: 0,
      stdout:
        'client:   address  192.0.2.7\nclient:   username joe\nserver:   process  sshd\n' +
        'matched:  hosts.allow line 1\noption:   setenv A joe 192.0.2.7\noption:   allow \naccess:   granted\n',
    });
    expect((await match(cwd, 'sshd', '2001:db8::1')).stdout).toContain(
      'option:   spawn echo 2001:db8::1\noption:   deny \naccess:   denied\n',
    );
  });

  test('reads the tables that a configuration names', async () => {
    const cwd = tables('', '', { allow: 'sshd: ALL\n', deny: 'ALL: ALL\n' });
    const config = join(cwd, 'superd.conf');
    writeFileSync(config, `defaults\n{\n\thosts_allow = ${cwd}/allow\n\thosts_deny = ${cwd}/deny\n}\n`);
    const { stdout } = await run(program('tcpdmatch'), ['--config', config, 'ftpd', '192.0.2.7'], { cwd });
    expect(stdout).toContain(`matched:  ${cwd}/deny line 1\naccess:   denied\n`);
    expect((await match(cwd, '--config', config, 'ftpd', '192.0.2.7')).stdout).toContain('access:   granted\n');
  });

  test('runs no command, delegates a twist, counts an aclexec as passed', async () => {
    const cwd = tables('sshd: ALL: aclexec touch here\nftpd: ALL: twist touch here\n', 'ALL: ALL\n');
    expect((await match(cwd, 'sshd', '192.0.2.7')).stdout).toContain('access:   granted\n');
    expect((await match(cwd, 'ftpd', '192.0.2.7')).stdout).toContain('access:   delegated\n');
    expect((await run('ls', [cwd])).stdout).toBe('hosts.allow\nhosts.deny\n');
  });

  test('a mistake in the matching rule refuses the client and is reported', async () => {
    expect((await match(tables('ALL: ALL: severity loud\n', ''), 'sshd', 'unknown')).stdout).toContain(
      'error: hosts.allow, line 1: bad syslog facility or severity: "loud"',
    );
  });

  test('shortens a path to the name of its program', async () => {
    expect((await match(tables('', ''), '/usr/sbin/sshd', '192.0.2.7')).stdout).toBe(
      'warning: /usr/sbin/sshd: daemon name normalized to: sshd\nclient:   address  192.0.2.7\nserver:   process  sshd\naccess:   granted\n',
    );
  });

  test('exits with 1 for a name that does not resolve and for a wrong command line', async () => {
    const cwd = tables('', '');
    expect(await match(cwd, 'sshd', 'nosuch.invalid')).toMatchObject({ code: 1, stdout: 'warning: nosuch.invalid: host not found\n' });
    expect((await match(cwd, 'sshd')).code).toBe(1);
    expect(await run(program('tcpdmatch'), ['-x'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^usage: tcpdmatch/) });
  });
});

describeWith({ programs: ['/usr/sbin/tcpdmatch'] }, 'tcpdmatch beside the original', () => {
  test.each([
    ['sshd', '192.0.2.7'],
    ['sshd', 'joe@192.0.2.7'],
    ['in.ftpd', '10.1.2.3'],
    ['in.ftpd', 'unknown'],
    ['sshd', '::1'],
    ['sshd@192.0.2.1', '10.1.2.3'],
    ['x', 'localhost'],
  ])('%s %s', async (daemon, client) => {
    const cwd = tables('sshd: joe@ALL, 10.\nsshd@192.0.2.1: ALL EXCEPT 10.1.\nx: LOCAL\n', 'sshd: ALL\nALL: UNKNOWN, [::]/0\n');
    const [ours, theirs] = await Promise.all(
      [program('tcpdmatch'), '/usr/sbin/tcpdmatch'].map((one) => run(one, ['-d', daemon, client], { cwd })),
    );
    // The original of Debian 12 sends «matched» to syslog.
    const plain = (text = '') => text.replace(/^(?:matched|option|warning): .*\n/gm, '');
    expect({ text: plain(ours?.stdout), code: ours?.code }).toEqual({ text: plain(theirs?.stdout), code: theirs?.code });
  });
});

describe('tcpdchk', () => {
  const check = (cwd: string, ...args: string[]) => run(program('tcpdchk'), ['-d', ...args], { cwd });

  test('reports mistakes in the order of the lines', async () => {
    const cwd = tables(
      'sshd: 10/8\nALL: ALL:\nftpd: ALL\nx: @nobody, /nonexistent/list\ny: ALL: banners /nonexistent: user nosuchuser\n',
      'ALL: ALL',
    );
    chmodSync(join(cwd, 'hosts.deny'), 0o666);
    const { code, stdout } = await check(cwd);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'warning: hosts.allow, line 1: 10/8: bad net/mask pattern; never matches: write all four numbers of 10.0.0.0',
      'error: hosts.allow, line 2: missing option name: the rule ends in ":"; clients that match this rule are refused',
      'warning: hosts.allow, line 3: never reached: line 2 matches everything that this rule does',
      'warning: hosts.allow, line 4: never reached: line 2 matches everything that this rule does',
      'warning: hosts.allow, line 4: nobody: unknown or empty netgroup',
      'warning: hosts.allow, line 4: cannot open /nonexistent/list: no such file or directory',
      'warning: hosts.allow, line 5: never reached: line 2 matches everything that this rule does',
      'warning: hosts.allow, line 5: /nonexistent: no such file or directory',
      'error: hosts.allow, line 5: unknown user: "nosuchuser"; clients that match this rule are refused',
      expect.stringMatching(/^warning: hosts\.deny: .*hosts\.deny: world writable$/),
      expect.stringMatching(/^error: hosts\.deny, line 1: missing newline or line too long/),
      '',
    ]);
  });

  test('-v lists the rules as tcpdchk reads them', async () => {
    const { stdout } = await check(tables('sshd, ftpd: 192.0.2.,LOCAL EXCEPT 192.0.2.8/31: severity=info: deny\n', ''), '-v');
    expect(stdout).toBe(
      '\n>>> Rule hosts.allow line 1:\ndaemons:  sshd ftpd\nclients:  192.0.2. LOCAL EXCEPT 192.0.2.8/31\noption:   severity info\noption:   deny\naccess:   denied\n',
    );
  });

  test('-a reports rules that grant implicitly', async () => {
    expect((await check(tables('a: 10.\nb: 10.: allow\n', ''), '-a')).stdout).toBe(
      'warning: hosts.allow, line 1: implicit "allow" at end of rule\n',
    );
  });

  test('reports names that no service of a configuration has', async () => {
    const service = (name: string, port: number, server: string) =>
      `service ${name}\n{\n\ttype = UNLISTED\n\tport = ${port}\n\tprotocol = tcp\n\tsocket_type = stream\n\twait = no\n\tuser = root\n\tserver = ${server}\n}\n`;
    const cwd = tables('cat, ls: 10.\nALL: 192.0.2.\n', '', { 'superd.conf': service('one', 7001, '/bin/cat') });
    expect((await check(cwd, '--config', 'superd.conf')).stdout).toBe(
      'warning: hosts.allow, line 1: ls: no such process name in superd.conf\n',
    );
    writeFileSync(join(cwd, 'inetd.conf'), '7001 stream tcp nowait root /usr/sbin/tcpd /bin/ls\n');
    expect((await check(cwd, '-i', 'inetd.conf')).stdout).toBe('warning: hosts.allow, line 1: cat: no such process name in inetd.conf\n');
    expect(await check(cwd, '-i', 'nosuch.conf')).toMatchObject({ code: 1, stderr: 'open nosuch.conf: no such file or directory\n' });
  });
});
