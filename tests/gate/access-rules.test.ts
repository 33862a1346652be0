import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, DatagramClient, knock } from '../support/client.js';
import { daemonKind } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith, type Needs } from '../support/requirements.js';
import { askSelf, environmentOf, reporter } from '../support/self-report.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { startGuarded } from './tables.js';

/** The tables of xinetd are in /etc: only root can replace them. */
const anyDaemon: Needs = daemonKind() === 'xinetd' ? { root: true, mountNamespaces: true } : {};

/** A service called `greet` whose server, `echo`, writes hello. */
async function greeter(tables: { allow?: string; deny?: string }, attributes: Attributes = {}) {
  const port = await freePort();
  const config = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', ...attributes });
  return { port, ...(await startGuarded({ ...tables, config })) };
}

/** A service whose server reports about itself. */
async function teller(tables: { allow?: string; deny?: string }, attributes: Attributes = {}) {
  const port = await freePort();
  return { port, ...(await startGuarded({ ...tables, config: serviceBlock('self', { port, server: reporter(), ...attributes }) })) };
}

const HELLO = 'hello\n';

describeWith(anyDaemon, 'hosts.allow and hosts.deny', () => {
  test('admit clients that the first names, refuse clients that the second names, and admit all others', async () => {
    const { port, daemon } = await greeter({ allow: 'echo: 127.0.0.2\n', deny: 'echo: 127.0.0.2 127.0.0.3\n' });
    expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
    expect(await knock({ port, from: '127.0.0.3' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.4' })).toBe(HELLO);
    await daemon.waitForEntry(/^FAIL: greet libwrap from=127\.0\.0\.3$/);
  });

  test('have exceptions, and exceptions to exceptions', async () => {
    const { port } = await greeter({ deny: 'ALL: 127. EXCEPT 127.0.0.2 127.0.0.3 EXCEPT 127.0.0.3\n' });
    expect(await knock({ port, from: '127.0.0.1' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
    expect(await knock({ port, from: '127.0.0.3' })).toBe('closed');
  });

  test('apply to the next connection when they change, without a signal', async () => {
    const guarded = await greeter({ deny: 'ALL: ALL\n' });
    const { port } = guarded;
    expect(await knock({ port })).toBe('closed');
    for (let i = 0; i < 5; i++) {
      guarded.deny('ALL: 127.2.\n');
      expect(await knock({ port })).toBe(HELLO);
      guarded.deny('ALL: 127.0.\n');
      expect(await knock({ port })).toBe('closed');
    }
    guarded.allow('echo: 127.0.0.1\n');
    expect(await knock({ port })).toBe(HELLO);
  });

  test('that are empty admit every client', async () => {
    const { port } = await greeter({});
    expect(await knock({ port })).toBe(HELLO);
  });

  test('refuse every client when the second has no newline at its end', async () => {
    const { port } = await greeter({ deny: '# nobody in particular' });
    expect(await knock({ port })).toBe('closed');
  });

  test('are asked for the name of the server’s file, of NAMEINARGS’s first word, or of the attribute libwrap', async () => {
    const [plain, named, called, free] = (await freePorts(4)) as [number, number, number, number];
    const echo = { server: '/bin/echo' };
    const config =
      serviceBlock('plain', { port: plain, ...echo, server_args: 'hello' }) +
      serviceBlock('named', { port: named, ...echo, flags: 'NAMEINARGS', server_args: '/x/in.named hello' }) +
      serviceBlock('called', { port: called, ...echo, server_args: 'hello', libwrap: 'in.called' }) +
      serviceBlock('free', { port: free, ...echo, server_args: 'hello', flags: 'NOLIBWRAP' });
    const { deny } = await startGuarded({ config });
    const answers = async () => Promise.all([plain, named, called, free].map((port) => knock({ port })));
    deny('echo: ALL\n');
    expect(await answers()).toEqual(['closed', HELLO, HELLO, HELLO]);
    deny('in.named: ALL\n');
    expect(await answers()).toEqual([HELLO, 'closed', HELLO, HELLO]);
    deny('in.called: ALL\n');
    expect(await answers()).toEqual([HELLO, HELLO, 'closed', HELLO]);
    deny('ALL: ALL\n');
    expect(await answers()).toEqual(['closed', 'closed', 'closed', HELLO]);
  });

  test('can name a service by its port', async () => {
    const guarded = await greeter({});
    guarded.deny(`${guarded.port}: ALL\n`);
    expect(await knock({ port: guarded.port })).toBe('closed');
    guarded.deny(`${guarded.port}@127.0.0.2: ALL\n`);
    expect(await knock({ port: guarded.port })).toBe(HELLO);
  });

  test('read patterns from another file, and read it again when it changes', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'friends');
    writeFileSync(file, '127.0.0.2 127.0.0.3\n');
    const { port } = await greeter({ allow: `ALL: ${file}\n`, deny: 'ALL: ALL\n' });
    expect(await knock({ port, from: '127.0.0.3' })).toBe(HELLO);
    expect(await knock({ port, from: '127.0.0.4' })).toBe('closed');
    writeFileSync(file, '127.0.0.4\n');
    expect(await knock({ port, from: '127.0.0.4' })).toBe(HELLO);
    expect(await knock({ port, from: '127.0.0.3' })).toBe('closed');
    rmSync(file);
    expect(await knock({ port, from: '127.0.0.4' })).toBe('closed');
  });
});

describeWith(anyDaemon, 'an option of a rule', () => {
  test('spawn runs for a refused client, has its address, and writes nothing to it', async () => {
    const out = join(temporaryDirectory(), 'out');
    const { port } = await greeter({ deny: `ALL: ALL: spawn (echo heard; echo %d refused %a > ${out}.new; mv ${out}.new ${out})\n` });
    expect(await knock({ port, from: '127.0.0.7' })).toBe('closed');
    await waitFor('the command', () => existsSync(out));
    expect(readFileSync(out, 'utf8')).toBe('echo refused 127.0.0.7\n');
  });

  test('spawn ends before the server of an admitted client starts', async () => {
    const out = join(temporaryDirectory(), 'out');
    const { port } = await greeter(
      { allow: `ALL: ALL: spawn sleep 0.3; echo written > ${out}\n` },
      { server: '/bin/cat', server_args: out },
    );
    expect(await ask({ port })).toBe('written\n');
  });

  test('twist answers instead of the server, and does not affect later clients', async () => {
    const { port } = await greeter({ deny: 'ALL: 127.0.0.7: twist /bin/echo "not you, %a"\n' });
    for (let i = 0; i < 3; i++) {
      expect(await ask({ port, from: '127.0.0.7' })).toBe('not you, 127.0.0.7\n');
      expect(await ask({ port, from: '127.0.0.8' })).toBe(HELLO);
    }
  });

  test('nice, umask and keepalive reach the server', async () => {
    const { port } = await teller({ allow: 'ALL: ALL: nice 3: umask 027: keepalive: linger 5\n' }, { nice: 2 });
    const { nice, umask, keepalive } = await askSelf({ port });
    expect({ nice, umask, keepalive }).toEqual({ nice: 5, umask: 0o27, keepalive: true });
  });

  test('banners sends the file of the service’s name, to admitted and to refused clients', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'banners'));
    writeFileSync(join(directory, 'banners', 'echo'), 'You are %a.\nThis is %d.\n');
    const option = `banners ${directory}/banners`;
    const { port } = await greeter({ allow: `ALL: 127.0.0.2: ${option}\n`, deny: `ALL: ALL: ${option}\n` });
    expect(await ask({ port, from: '127.0.0.2' })).toBe('You are 127.0.0.2.\r\nThis is echo.\r\nhello\n');
    expect(await ask({ port, from: '127.0.0.3' })).toBe('You are 127.0.0.3.\r\nThis is echo.\r\n');
    rmSync(join(directory, 'banners'), { recursive: true });
    expect(await ask({ port, from: '127.0.0.2' })).toBe(HELLO);
  });

  test('aclexec makes its rule not match when the command fails', async () => {
    const { port } = await greeter({ allow: 'ALL: ALL: aclexec test %a = 127.0.0.2\n', deny: 'ALL: ALL\n' });
    expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
    expect(await knock({ port, from: '127.0.0.3' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
  });

  test('that is invalid refuses the client', async () => {
    const { port } = await greeter({ allow: 'ALL: 127.0.0.2: setenv A=b\n' });
    expect(await knock({ port, from: '127.0.0.2' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.3' })).toBe(HELLO);
  });
});

describeWith({ ...anyDaemon, root: true }, 'a command of a rule', () => {
  test.each(['spawn', 'aclexec', 'twist'])('run by %s has the service’s user and groups', async (option) => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o777);
    const out = join(directory, 'out');
    const command = `sh -c 'id -u; id -G' > ${out}.new; mv ${out}.new ${out}`;
    const { port } = await greeter({ deny: `ALL: ALL: ${option} ${command}\n` }, { user: 'nobody', group: 'nogroup' });
    await ask({ port });
    await waitFor('the command', () => existsSync(out));
    const [uid, groups] = readFileSync(out, 'utf8')
      .split(/\n/)
      .filter((line) => line !== '');
    expect({ uid, groups }).toEqual({ uid: '65534', groups: '65534' });
  });
});

describeWith({ superdOnly: 'the paths are built into libwrap' }, 'the paths of the tables', () => {
  test('follow the configuration when it is read again', async () => {
    const { port, daemon, directory } = await greeter({});
    expect(await knock({ port })).toBe(HELLO);
    writeFileSync(join(directory, 'other.deny'), 'ALL: ALL\n');
    writeFileSync(daemon.configFile, readFileSync(daemon.configFile, 'utf8').replace('hosts.deny', 'other.deny'));
    daemon.signal('SIGHUP');
    await daemon.waitForWords(/Reconfigured: new=0 old=1 dropped=0/);
    expect(await knock({ port })).toBe('closed');
  });
});

describeWith({ superdOnly: 'xinetd makes the environment after libwrap has run' }, 'setenv', () => {
  test('reaches the server', async () => {
    const { port } = await teller({ allow: 'ALL: ALL: setenv CALLER %a at %d: setenv PATH /nowhere\n' });
    const environment = environmentOf(await askSelf({ port, from: '127.0.0.7' }));
    expect(environment.get('CALLER')).toBe('127.0.0.7 at report-self');
    expect(environment.get('PATH')).toBe('/nowhere');
  });
});

describeWith({ superdOnly: 'libwrap does not close the descriptors of xinetd' }, 'a command of a rule', () => {
  test.each(['spawn', 'aclexec'])('(%s) has no input, no output, and no descriptor of superd', async (option) => {
    const out = join(temporaryDirectory(), 'out');
    const command = `(readlink /proc/self/fd/* ; env | grep -c '^SUPERD_\\|^NODE') > ${out}.new 2>/dev/null; mv ${out}.new ${out}`;
    const { port } = await greeter({ deny: `ALL: ALL: ${option} ${command}\n` });
    await ask({ port });
    await waitFor('the command', () => existsSync(out));
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    expect(lines[0]).toBe('/dev/null');
    expect(lines.filter((line) => line !== '/dev/null' && !line.startsWith(out))).toEqual(['0']);
  });
});

describeWith(
  { root: true, superdOnly: 'libwrap checks that the account exists, and does not change the server’s user' },
  'user and group',
  () => {
    test('are those of the server', async () => {
      const { port } = await teller({
        allow: 'ALL: 127.0.0.2: user nobody\nALL: 127.0.0.3: user daemon.nogroup\nALL: 127.0.0.4: group nogroup\n',
      });
      expect(await askSelf({ port, from: '127.0.0.2' })).toMatchObject({
        uids: [65534, 65534, 65534],
        gids: [65534, 65534, 65534],
        groups: [65534],
      });
      expect(await askSelf({ port, from: '127.0.0.3' })).toMatchObject({ uids: [1, 1, 1], gids: [65534, 65534, 65534] });
      expect(await askSelf({ port, from: '127.0.0.4' })).toMatchObject({ uids: [0, 0, 0], gids: [65534, 65534, 65534] });
      expect(await askSelf({ port, from: '127.0.0.5' })).toMatchObject({ uids: [0, 0, 0], gids: [0, 0, 0] });
    });

    test('refuse the client when they do not exist', async () => {
      const { port, daemon } = await greeter({ allow: 'ALL: ALL: user nosuchuser\n' });
      expect(await knock({ port })).toBe('closed');
      await daemon.waitForWords(/hosts\.allow:1: unknown user: "nosuchuser"/);
    });
  },
);

describeWith({ ...anyDaemon, programs: ['gcc'] }, 'a datagram service under access rules', () => {
  test('starts no server for a refused sender', async () => {
    const port = await freePort();
    const server = { socket_type: 'dgram', server: fixture('answer-datagrams.c'), server_args: 1 };
    const { daemon } = await startGuarded({ deny: 'ALL: 127.0.0.7\n', config: serviceBlock('answer', { port, ...server }) });
    const stranger = await DatagramClient.open('127.0.0.7');
    const friend = await DatagramClient.open('127.0.0.8');
    await stranger.send('let me in', port);
    await daemon.waitForEntry(/^FAIL: answer libwrap from=127\.0\.0\.7$/);
    await waitFor('the friend to be answered', async () => {
      // xinetd discards the queue a moment after the refusal.
      if (friend.received.length === 0) await friend.send('it is me', port);
      return friend.received.length > 0;
    });
    expect(stranger.received).toEqual([]);
  });
});
