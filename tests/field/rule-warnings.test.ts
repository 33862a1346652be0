import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { shared } from '../support/at-end.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const bin = (name: string) => new URL(`../../bin/${name}`, import.meta.url).pathname;

async function world() {
  const directory = temporaryDirectory();
  const path = (name: string) => join(directory, name);
  writeFileSync(path('patterns'), '10.\nlocalhost.\n192.0.2.0/33\n');
  writeFileSync(path('allow'), `echo 10.\necho: 2001:db8::1\necho: 10.: severety info\necho: ${path('patterns')}\n`);
  writeFileSync(path('deny'), 'echo: 192.0.2.\nx: 192.0.2.7');
  const config =
    defaultsBlock({ hosts_allow: path('allow'), hosts_deny: path('deny'), log_type: ['FILE', path('service.log')] }) +
    serviceBlock('greet', { port: await freePort(), server: '/bin/echo', server_args: 'hello' });
  return { directory, daemon: await startDaemon({ config }) };
}

/** Each mistake: its file, its line, and a part of the message. */
const mistakes = [
  ['allow', 1, 'missing ":" separator'],
  ['allow', 2, 'write IPv6 addresses in brackets'],
  ['allow', 3, 'bad option name: "severety"'],
  ['patterns', 2, 'localhost.: domain or host name ends in dot'],
  ['patterns', 3, '192.0.2.0/33: bad net/mask pattern'],
  ['deny', 2, 'missing newline or line too long'],
] as const;

describeWith({ superdOnly: 'its messages' }, 'mistakes in rule files', () => {
  const here = shared(world);
  const configOf = () => here().daemon.configFile;

  test.each([
    ['the log of superd', async () => here().daemon.words],
    ['superd --check', async () => (await run(bin('superd'), ['--check', '--config', configOf()])).stdout],
    ['superd --check --json', async () => (await run(bin('superd'), ['--check', '--json', '--config', configOf()])).stdout],
    ['superctl check', async () => (await superctl(here().daemon, ['check'])).stdout],
    ['superctl explain', async () => (await superctl(here().daemon, ['explain', 'greet', '--from', '192.0.2.9'])).stdout],
    [
      'explain --config',
      async () => (await run(bin('superctl'), ['explain', 'greet', '--from', '192.0.2.9', '--config', configOf()])).stdout,
    ],
    ['superctl doctor', async () => (await superctl(here().daemon, ['doctor'])).stdout],
    ['tcpdmatch', async () => (await run(bin('tcpdmatch'), ['--config', configOf(), 'echo', '192.0.2.9'])).stdout],
    ['tcpdchk', async () => (await run(bin('tcpdchk'), ['--config', configOf()])).stdout],
  ])('are all in the output of %s, with their places', async (_, output) => {
    const text = (await output()).replaceAll('\\"', '"');
    for (const [file, line, message] of mistakes) {
      expect(text).toContain(message);
      const place = join(here().directory, file);
      const places = [`${place}:${line}`, `${place}, line ${line}`, `"path": "${place}",\n      "line": ${line}`];
      expect({ place, line, found: places.some((one) => text.includes(one)) }).toEqual({ place, line, found: true });
    }
  });

  test('are warnings, which stop no service', async () => {
    expect((await run(bin('superd'), ['--check', '--config', configOf()])).code).toBe(0);
  });
});

describeWith({ programs: ['/usr/sbin/tcpdchk'] }, 'tcpdchk -i', () => {
  test('checks the programs of every line of inetd.conf', async () => {
    const cwd = temporaryDirectory();
    for (const name of ['hosts.allow', 'hosts.deny']) writeFileSync(join(cwd, name), 'in.ftpd, sshd: 10.\n');
    const lines = [
      'ftp stream tcp nowait root /usr/sbin/tcpd in.ftpd -l',
      'telnet stream tcp nowait root /usr/sbin/tcpd /nonexistent/in.telnetd',
      'shell stream tcp nowait root /nonexistent/in.rshd in.rshd',
      'login stream tcp nowait root /usr/sbin/tcpd tcpd /usr/sbin/in.x',
      'rex/1 stream rpc/tcp wait root /usr/sbin/tcpd rpc.rexd',
      'x dgram udp wait root /etc/passwd passwd',
      'time stream tcp nowait root internal',
    ];
    writeFileSync(join(cwd, 'inetd.conf'), `${lines.join('\n')}\n`);
    const { stdout } = await run(bin('tcpdchk'), ['-d', '-i', 'inetd.conf'], { cwd });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'warning: inetd.conf, line 1: in.ftpd: not found in /usr/sbin: no such file or directory',
      'warning: inetd.conf, line 2: /nonexistent/in.telnetd: not found: no such file or directory',
      'warning: inetd.conf, line 3: /nonexistent/in.rshd: not found: no such file or directory',
      'warning: inetd.conf, line 4: tcpd is recursively calling itself',
      'warning: inetd.conf, line 5: rpc.rexd may be an insecure service',
      'warning: inetd.conf, line 5: rpc.rexd: not found in /usr/sbin: no such file or directory',
      'warning: inetd.conf, line 5: rpc.rexd: cannot wrap rpc/tcp services',
      'warning: inetd.conf, line 6: /etc/passwd: not executable',
      'warning: hosts.deny, line 1: never reached: hosts.allow line 1 matches everything that this rule does',
    ]);
  });
});
