import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withMounts } from '../support/mounts.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { ownTcpd, serve } from './serve-tcpd.js';

describeWith({ root: true, mountNamespaces: true, programs: ['perl'] }, 'tcpd', () => {
  test('becomes the server: same process, descriptors 0 to 2 only, nothing of Node left', async () => {
    const script =
      'echo $0 $1 $$; umask; ls /proc/self/fd | tr "\\n" " "; echo; env | grep -cE "^(NODE_|SUPERD_)"; ulimit -Sn; grep SigBlk /proc/self/status';
    const { reply, status, pid } = await serve({ deny: 'ALL: ALL EXCEPT 127.0.0.1\n' }, [
      '/bin/sh',
      '-c',
      `ulimit -Sn; ${script}`,
      'name',
      'argument',
    ]);
    const [limit, names, umask, descriptors, left, ...rest] = reply.split('\n');
    const inherited = (await serve({}, ['sh', '-c', script, 'name'], '/bin/sh')).reply.split('\n')[2];
    expect({ names, umask, descriptors, left, status }).toEqual({
      names: `name argument ${pid}`,
      umask: '0022',
      descriptors: inherited,
      left: '0',
      status: 0,
    });
    expect(rest).toEqual([limit, 'SigBlk:\t0000000000000000', '']);
  });

  test('the daemon name is the last part of an absolute path, otherwise the whole name', async () => {
    const tables = { allow: 'echo: 127.\n', deny: 'ALL: ALL: twist echo refused %d\n' };
    expect((await serve(tables, ['/bin/echo', 'hello'])).reply).toBe('hello\n');
    expect((await serve(tables, ['in.foo', 'hello'])).reply).toBe('refused in.foo\n');
  });

  test('options shape the server: environment, umask, nice, user and group', async () => {
    const allow = 'sh: ALL: setenv WHO %a %d: umask 077: nice 7: user nobody.daemon\n';
    const { reply } = await serve({ allow }, ['/bin/sh', '-c', 'echo $WHO; umask; nice; id -un; id -gn; id -G']);
    const [who, umask, nice, user, group, groups] = reply.split('\n');
    expect({ who, umask, nice, user, group, groups }).toEqual({
      who: '127.0.0.1 sh',
      umask: '0077',
      nice: '7',
      user: 'nobody',
      group: 'daemon',
      groups: expect.stringMatching(/^\d+( \d+)?$/),
    });
  });

  test('spawn runs before the server, aclexec before the verdict, and the client sees the output of neither', async () => {
    const trace = join(temporaryDirectory(), 'trace');
    const allow = `sh: ALL: setenv A passed: aclexec echo aside; test "$A" = passed: spawn echo %d %a > ${trace}\n`;
    const { reply } = await serve({ allow, deny: 'ALL: ALL\n' }, ['/bin/sh', '-c', `cat ${trace}`]);
    expect(reply).toBe('sh 127.0.0.1\n');
  });

  test('sends a banner first', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'banners'));
    writeFileSync(join(directory, 'banners/echo'), 'Welcome, %a.\n');
    expect((await serve({ allow: `echo: ALL: banners ${directory}/banners\n` }, ['/bin/echo', 'hello'])).reply).toBe(
      'Welcome, 127.0.0.1.\r\nhello\n',
    );
  });

  test('sends nothing to a refused client, and exits with 0 after 5 s, so that inetd does not start it over and over', async () => {
    const mark = join(temporaryDirectory(), 'started');
    const { reply, status, milliseconds } = await serve({ deny: 'ALL: 127.0.0.1\n' }, ['/bin/sh', '-c', `touch ${mark}`]);
    expect({ reply, status, started: existsSync(mark) }).toEqual({ reply: '', status: 0, started: false });
    expect(milliseconds).toBeGreaterThan(4900);
  });

  test('treats a missing server like a refusal', async () => {
    expect(await serve({}, ['/nonexistent/server'])).toMatchObject({ reply: '', status: 0 });
  });
});

/** Gives tcpd a socket with a waiting datagram as descriptor 0, then looks whether the datagram is still there. */
const WITH_DATAGRAM = `
  use Socket;
  my $loopback = inet_aton("127.0.0.1");
  socket(my $server, PF_INET, SOCK_DGRAM, 0); bind($server, sockaddr_in(0, $loopback));
  socket(my $client, PF_INET, SOCK_DGRAM, 0); send($client, "hello", 0, getsockname($server));
  if (!fork) { open(STDIN, "<&", $server); exec { $ARGV[0] } @ARGV[1..$#ARGV]; }
  wait;
  print defined recv($server, my $text, 100, MSG_DONTWAIT) ? "waiting" : "gone";`;

describeWith({ root: true, mountNamespaces: true, programs: ['perl'] }, 'tcpd over UDP', () => {
  test.each([
    ['refused, and its datagram is thrown away', 'ALL: 127.0.0.1\n', 'gone'],
    ['let in, and its datagram is there for the server', 'ALL: ALL EXCEPT 127.0.0.1\n', 'server: hello gone'],
  ])('a sender is %s', async (_, deny, wanted) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'deny'), deny);
    writeFileSync(join(directory, 'allow'), '');
    const mounts = withMounts({ '/etc/hosts.allow': join(directory, 'allow'), '/etc/hosts.deny': join(directory, 'deny') });
    const server = ['/bin/sh', '-c', 'printf "server: "; dd bs=100 count=1 2>/dev/null; printf " "'];
    const [command, ...args] = [...mounts, 'perl', '-e', WITH_DATAGRAM, ownTcpd, ...server];
    expect((await run(command as string, args)).stdout).toBe(wanted);
  });
});

describeWith({ root: true, mountNamespaces: true, programs: ['perl', '/usr/sbin/tcpd'] }, 'tcpd beside the original', () => {
  test.each([
    ['sh: 127.0.0.1\n', 'ALL: ALL: twist echo no\n'],
    ['sh: LOCAL: setenv X %u@%h\n', 'ALL: ALL: twist echo no\n'],
    ['in.sh: ALL\n', 'ALL: 127.0.0.0/255.0.0.0: twist echo not %d for %c from %a to %A\n'],
    ['sh: ALL: setenv X a  b c \n', ''],
    ['', 'sh: ALL EXCEPT 10.: twist echo %s %H\n'],
  ])('gives the client the same: %j %j', async (allow, deny) => {
    const argv = ['/bin/sh', '-c', 'echo "X=$X"; umask; pwd'] as const;
    const ours = await serve({ allow, deny }, argv);
    const theirs = await serve({ allow, deny }, argv, '/usr/sbin/tcpd');
    expect(ours.reply).toBe(theirs.reply);
    expect(ours.status).toBe(theirs.status);
  });
});
