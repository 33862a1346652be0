import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeAccounts } from '../support/accounts.js';
import { Connection } from '../support/client.js';
import { daemonKind, startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { freePort } from '../support/ports.js';
import { descendantsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { askSelf, environmentOf, reporter, type SelfReport } from '../support/self-report.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';

interface Way {
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a server with these attributes reports about itself. */
async function report(attributes: Attributes, way: Way = {}): Promise<SelfReport> {
  const port = await freePort();
  await startDaemon({ config: serviceBlock('self', { port, server: reporter(), ...attributes }), ...way });
  return askSelf({ port });
}

describeWith({ programs: ['gcc'] }, 'the process of a service', () => {
  test('has the connection as descriptors 0, 1 and 2, blocking and read-write, and no other', async () => {
    const { descriptors } = await report({});
    expect(descriptors.map((one) => one.fd)).toEqual([0, 1, 2]);
    for (const one of descriptors) expect(one).toMatchObject({ socket: true, nonblocking: false, closeOnExec: false, access: 2 });
    expect(new Set(descriptors.map((one) => one.target)).size).toBe(1);
  });

  test('has none of the descriptors that the daemon was started with', async () => {
    const { descriptors } = await report({}, { prefix: ['sh', '-c', 'exec 7</dev/null 9</etc/passwd; exec "$@"', 'sh'] });
    expect(descriptors.map((one) => one.fd)).toEqual([0, 1, 2]);
  });

  test('has a connection with the socket options of flags, and no others', async () => {
    expect(await report({ flags: ['NODELAY', 'KEEPALIVE'] })).toMatchObject({ nodelay: true, keepalive: true });
    expect(await report({ flags: 'REUSE' })).toMatchObject({ nodelay: false, keepalive: false });
  });

  test('leads a session without a terminal, in the root directory', async () => {
    const self = await report({});
    expect(self).toMatchObject({ cwd: '/', terminal: false, pgid: self.pid, sid: self.pid });
  });

  test('blocks and ignores no signal, whatever the daemon was started with', async () => {
    const self = await report({}, { prefix: ['sh', '-c', 'trap "" HUP INT QUIT PIPE USR1 TSTP; exec "$@"', 'sh'] });
    expect(self).toMatchObject({ SigBlk: '0000000000000000', SigIgn: '0000000000000000' });
  });

  test('is a child of the daemon itself', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('self', { port, server: reporter() }) });
    expect((await askSelf({ port })).ppid).toBe(daemon.pid);
  });

  test('has the base name of the server as argv[0], and server_args after it', async () => {
    const { argv } = await report({ server_args: ['-l', '--name=value', '#', '//', 'a,b', '"a', 'b"'] });
    // Only superd joins words in quotes.
    const quoted = daemonKind() === 'superd' ? ['a b'] : ['"a', 'b"'];
    expect(argv).toEqual(['report-self', '-l', '--name=value', '#', '//', 'a,b', ...quoted]);
  });

  test('has server_args as its whole argv with NAMEINARGS', async () => {
    expect((await report({ flags: 'NAMEINARGS', server_args: ['another-name', '-l'] })).argv).toEqual(['another-name', '-l']);
  });

  test('has a umask of at least 022 without the attribute umask', async () => {
    expect((await report({}, { prefix: ['sh', '-c', 'umask 007; exec "$@"', 'sh'] })).umask).toBe(0o027);
  });

  test('has the umask of the attribute', async () => {
    expect((await report({ umask: '000' })).umask).toBe(0);
  });

  test('has the nice value of the daemon plus the attribute nice', async () => {
    expect((await report({ nice: 3 }, { prefix: ['nice', '-n', '4'] })).nice).toBe(7);
  });

  test('has the resource limits of the attributes, soft and hard', async () => {
    const { limits } = await report({
      rlimit_as: '512M',
      rlimit_cpu: 7,
      rlimit_data: '256M',
      rlimit_rss: '64M',
      rlimit_stack: '1M',
      rlimit_files: 50,
    });
    expect(limits).toMatchObject({
      as: [512 * 2 ** 20, 512 * 2 ** 20],
      cpu: [7, 7],
      data: [256 * 2 ** 20, 256 * 2 ** 20],
      rss: [64 * 2 ** 20, 64 * 2 ** 20],
      stack: [2 ** 20, 2 ** 20],
      files: [50, 50],
    });
  });

  test('has the limits that the daemon was started with where no attribute sets them', async () => {
    const { limits } = await report({}, { prefix: ['prlimit', '--nofile=3000:4000', '--core=0:4096', '--stack=1048576:2097152'] });
    // xinetd raises the soft limit of descriptors to the hard one.
    expect(limits.files).toEqual(daemonKind() === 'superd' ? [3000, 4000] : [4000, 4000]);
    expect(limits).toMatchObject({ core: [0, 4096], stack: [1048576, 2097152] });
  });
});

describeWith({ programs: ['gcc'] }, 'the environment of a service', () => {
  const starter = { HOME: '/home/someone', LANG: 'C', TZ: 'UTC', GREETING: 'hello world' };

  test('is that of the daemon and the client’s address', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('self', { port, server: reporter() }), env: starter });
    const connection = await Connection.open({ port, from: '127.0.0.9' });
    const environment = environmentOf(JSON.parse(await connection.readToEnd()) as SelfReport);
    const path = process.env['PATH']!;
    const peer = { REMOTE_HOST: '127.0.0.9', ...(daemonKind() === 'superd' ? { REMOTE_PORT: String(connection.localPort) } : {}) };
    expect(Object.fromEntries(environment)).toEqual({ PATH: path, ...starter, ...peer });
  });

  test('has only the variables of passenv and env, with passenv', async () => {
    const self = await report({ passenv: ['LANG', 'UNKNOWN'], env: ['COLOUR=green', 'EMPTY='] }, { env: starter });
    const environment = environmentOf(self);
    expect([...environment.keys()].filter((name) => !name.startsWith('REMOTE_')).sort()).toEqual(['COLOUR', 'EMPTY', 'LANG']);
    expect(environment.get('LANG')).toBe('C');
    expect(environment.get('EMPTY')).toBe('');
  });

  test('is empty but for the client’s address with an empty passenv', async () => {
    const environment = environmentOf(await report({ passenv: [] }, { env: starter }));
    expect([...environment.keys()].filter((name) => !name.startsWith('REMOTE_'))).toEqual([]);
  });

  test('has the last value that env gives, instead of the inherited one', async () => {
    const self = await report({ env: ['GREETING=first', 'GREETING=second'], 'env+=': 'LANG=fr' }, { env: starter });
    expect(self.environment.filter((entry) => /^(GREETING|LANG)=/.test(entry)).sort()).toEqual(['GREETING=second', 'LANG=fr']);
  });

  test('has the true client, whatever env and the daemon’s own environment claim', async () => {
    const self = await report({ env: ['REMOTE_HOST=10.0.0.1', 'REMOTE_PORT=1'] }, { env: { ...starter, REMOTE_HOST: '10.0.0.2' } });
    const hosts = self.environment.filter((entry) => entry.startsWith('REMOTE_HOST='));
    expect(hosts).toEqual(['REMOTE_HOST=127.0.0.1']);
    if (daemonKind() === 'superd') expect(self.environment).not.toContain('REMOTE_PORT=1');
  });
});

describeWith({ programs: ['gcc'], superdOnly: 'xinetd passes on its whole environment' }, 'what is meant for the daemon alone', () => {
  test('does not reach the environment of a service', async () => {
    const own = {
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
      NODE_OPTIONS: '--max-old-space-size=64',
      NODE_NO_WARNINGS: '1',
      NOTIFY_SOCKET: '/nonexistent/notify',
      WATCHDOG_USEC: '30000000',
      WATCHDOG_PID: '1',
      SUPERD_SOMETHING: '1',
    };
    const self = await report({}, { env: { ...own, LANG: 'C' } });
    const names = [...environmentOf(self).keys()];
    expect(names.filter((name) => /^(NODE_|NOTIFY_|LISTEN_|WATCHDOG_|SUPERD_|UV_)/.test(name))).toEqual([]);
    expect(names).toContain('LANG');
  });

  test('shows nothing of Node: no thread, no signal handler, no raised limit', async () => {
    const self = await report({}, { prefix: ['prlimit', '--nofile=512:4096'] });
    expect(self.limits.files).toEqual([512, 4096]);
    expect(self.SigIgn).toBe('0000000000000000');
  });
});

describeWith({ root: true, programs: ['gcc'], mountNamespaces: true }, 'the user of a service', () => {
  test('is the real, effective and saved one, without supplementary groups and capabilities', async () => {
    const self = await report({ user: 'nobody' });
    expect(self).toMatchObject({ uids: [65534, 65534, 65534], gids: [65534, 65534, 65534], groups: [] });
    expect(self).toMatchObject({ CapEff: '0000000000000000', CapPrm: '0000000000000000' });
  });

  test('can have another group', async () => {
    expect(await report({ user: 'nobody', group: 'daemon' })).toMatchObject({ gids: [1, 1, 1], groups: [] });
  });

  test('has the groups of the group database with groups = yes', async () => {
    const { users, mounts } = makeAccounts('guest');
    appendFileSync(mounts['/etc/group']!, 'readers:x:47201:guest\nwriters:x:47202:root,guest\nothers:x:47203:root\n');
    const self = await report({ user: 'guest', group: 'daemon', groups: 'yes' }, { prefix: withMounts(mounts) });
    expect(self.gids).toEqual([1, 1, 1]);
    expect([...self.groups].sort()).toEqual([users[0]!.gid, 47201, 47202]);
  });

  test('can be a number, which is its group as well', async () => {
    expect(await report({ user: 4711 })).toMatchObject({ uids: [4711, 4711, 4711], gids: [4711, 4711, 4711], groups: [] });
  });

  test('does not have the daemon’s supplementary groups', async () => {
    const self = await report({ user: 'nobody' }, { prefix: ['setpriv', '--groups', '1,2,3'] });
    expect(self.groups).toEqual([]);
  });
});

describeWith({ programs: ['gcc'] }, 'the daemon', () => {
  test('keeps no copy of a connection that a server has', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('hold', { port, server: '/bin/cat' }) });
    const connection = await Connection.open({ port });
    connection.send('ping');
    await connection.waitForText(/ping/);
    const [server] = descendantsOf(daemon.pid);
    // With a copy left in the daemon the client would never see the server's end.
    process.kill(server!.pid, 'SIGKILL');
    expect(await connection.waitForEnd()).toBe('end');
  });
});
