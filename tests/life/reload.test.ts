import { once } from 'node:events';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, Connection, DatagramClient, knock } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { descriptorsOf, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { anonymousMemory, reload, socketInodes } from './reloading.js';

const better = { superdOnly: 'xinetd ends running sessions, and services with a typo' };

const greet = (port: number, attributes: Attributes = {}) =>
  serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', instances: 'UNLIMITED', cps: [100000, 1], ...attributes });
const hold = (port: number, attributes: Attributes = {}) => serviceBlock('hold', { port, server: '/bin/cat', ...attributes });

async function openSession(port: number, from?: string): Promise<Connection> {
  const session = await Connection.open({ port, ...(from === undefined ? {} : { from }) });
  session.send('are you there?\n');
  await session.waitForText(/there/);
  return session;
}

async function isAlive(session: Connection): Promise<boolean> {
  session.send('still?\n');
  return waitFor('an answer or the end', () => (session.text.includes('still?') ? 'alive' : session.ending)).then((one) => one === 'alive');
}

async function squatter(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

/** Connects until cps has closed the service: two connections may fall into two seconds. */
async function untilPaused(daemon: Daemon, port: number): Promise<void> {
  await waitFor('the service to be paused', async () => /paused/.test(daemon.words) || void (await knock({ port })));
}

const inodeAt = (daemon: Daemon, port: number) => socketInodes(daemon.pid).get(port);

describeWith(better, 'a hundred reloads under load', () => {
  test('refuse no client, end no session and keep the listening socket', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: greet(port) + hold(other) });
    const inodes = [inodeAt(daemon, port), inodeAt(daemon, other)];
    const session = await openSession(other);
    let going = true;
    let served = 0;
    const caller = async () => {
      while (going) {
        expect(await ask({ port })).toMatch(/^hello/);
        served++;
      }
    };
    const callers = [caller(), caller(), caller()];
    let last = 0;
    while (last < 100 || served <= 100) {
      last++;
      await reload(daemon, greet(port, { server_args: `hello ${last}` }) + hold(other, { nice: last % 3 }));
    }
    going = false;
    await Promise.all(callers);
    expect(await ask({ port })).toBe(`hello ${last}\n`);
    expect(await isAlive(session)).toBe(true);
    expect([inodeAt(daemon, port), inodeAt(daemon, other)]).toEqual(inodes);
  });
});

describeWith(better, 'a service with a mistake', () => {
  test.each([
    ['a mistake', (port: number) => greet(port, { instances: 'many' }), /instances/],
    ['a mistake in defaults', (port: number) => `defaults\n{\n\tinstances = many\n}\n${greet(port)}`, /instances/],
    ['a service without an end', (port: number) => greet(port).replace('}', ''), /\}/],
  ])('%s keeps its last good settings, and says why', async (_, wrong, why) => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port) });
    const inode = inodeAt(daemon, port);
    const said = await reload(daemon, wrong(port).replace('hello', 'changed'));
    expect(said).toMatch(/with their last good settings: greet/);
    expect(said).toMatch(why);
    expect(said).toMatch(/daemon\.conf:\d+/);
    expect(await ask({ port })).toBe('hello\n');
    expect(inodeAt(daemon, port)).toBe(inode);
  });
});

describeWith(better, 'a configuration that fails', () => {
  test('changes nothing when its file is gone', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port) });
    rmSync(daemon.configFile);
    expect(await reload(daemon, null)).toMatch(/nothing has changed.*daemon\.conf/);
    expect(await ask({ port })).toBe('hello\n');
  });

  test('changes nothing when a new port is taken: no other service is started, stopped or closed', async () => {
    const taken = await squatter();
    const [port, other, third] = (await freePorts(3)) as [number, number, number];
    const daemon = await startDaemon({ config: greet(port) + hold(other) });
    const session = await openSession(other);
    const before = [...descriptorsOf(daemon.pid).values()].filter((target) => target.startsWith('socket:')).length;
    for (let i = 0; i < 3; i++) {
      const said = await reload(daemon, serviceBlock('late', { port: taken, server: '/bin/echo' }) + greet(third));
      expect(said).toMatch(/nothing has changed: bind 127\.0\.0\.1.*EADDRINUSE/);
    }
    expect(await ask({ port })).toBe('hello\n');
    expect(await knock({ port: third })).toBe('refused');
    expect(await isAlive(session)).toBe(true);
    expect([...descriptorsOf(daemon.pid).values()].filter((target) => target.startsWith('socket:'))).toHaveLength(before);
  });

  test('brings back an old service whose address a failed one wanted', async () => {
    const taken = await squatter();
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port) });
    const said = await reload(daemon, greet(port, { bind: null }) + serviceBlock('late', { port: taken, server: '/bin/echo' }));
    expect(said).toMatch(/nothing has changed/);
    expect(await ask({ port })).toBe('hello\n');
  });

  test('a service that could not listen at the start does not fail a reload, and listens as soon as it can', async () => {
    const server = createServer();
    server.listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    const { port: taken } = server.address() as { port: number };
    const [port, third] = (await freePorts(2)) as [number, number];
    const late = serviceBlock('late', { port: taken, server: '/bin/echo', server_args: 'at last' });
    const daemon = await startDaemon({ config: greet(port) + late });
    expect(await reload(daemon, greet(port) + late + hold(third))).toMatch(/Reconfigured: new=1 old=1 dropped=0/);
    await openSession(third);
    server.close();
    await once(server, 'close');
    await reload(daemon, null);
    expect(await ask({ port: taken })).toBe('at last\n');
  });
});

describeWith(better, 'services', () => {
  test('are added and removed', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: greet(port) });
    expect(await reload(daemon, greet(port) + hold(other))).toMatch(/new=1 old=1 dropped=0/);
    const session = await openSession(other);
    expect(await reload(daemon, greet(port))).toMatch(/new=0 old=1 dropped=1/);
    expect(await session.waitForEnd()).toBeTruthy();
    expect(await knock({ port: other })).toBe('refused');
    expect(await ask({ port })).toBe('hello\n');
    await daemon.waitForEntry(/^EXIT: hold signal=15/);
  });

  test('move to another port', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: greet(port) });
    await reload(daemon, greet(other), 'SIGUSR2');
    expect(await knock({ port })).toBe('refused');
    expect(await ask({ port: other })).toBe('hello\n');
  });

  test('can listen on fewer or more addresses of the same port', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port, { bind: null }) });
    expect(await ask({ port, host: '127.0.0.2' })).toBe('hello\n');
    await reload(daemon, greet(port, { bind: null, flags: 'IPv4' }));
    expect(await ask({ port, host: '127.0.0.2' })).toBe('hello\n');
    await reload(daemon, greet(port));
    expect(await knock({ port, host: '127.0.0.2' })).toBe('refused');
    expect(await ask({ port })).toBe('hello\n');
    await reload(daemon, greet(port, { bind: null }));
    expect(await ask({ port, host: '127.0.0.2' })).toBe('hello\n');
  });

  test('keep their socket and its queue when only the way of starting changes', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port) });
    const inode = inodeAt(daemon, port);
    const handed = greet(port, { wait: 'yes', server: fixture('accept-some.c'), server_args: 1 });
    await reload(daemon, handed);
    expect(inodeAt(daemon, port)).toBe(inode);
    expect(await ask({ port })).not.toBe('');
    await reload(daemon, greet(port));
    expect(inodeAt(daemon, port)).toBe(inode);
    await waitFor('the process per connection', async () => (await ask({ port })) === 'hello\n');
  });

  test('apply new limits to the next client, and keep running sessions', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port) });
    const sessions = [await openSession(port), await openSession(port)];
    await reload(daemon, hold(port, { instances: 2 }));
    expect(await knock({ port })).toBe('closed');
    await reload(daemon, hold(port, { instances: 3 }));
    await openSession(port);
    expect(await Promise.all(sessions.map(isAlive))).toEqual([true, true]);
  });

  test('end the sessions that new addresses exclude, and keep the others', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port) });
    const [allowed, excluded] = [await openSession(port, '127.0.0.1'), await openSession(port, '127.0.0.2')];
    await reload(daemon, hold(port, { only_from: '127.0.0.1' }));
    expect(await excluded.waitForEnd()).toBeTruthy();
    expect(await isAlive(allowed)).toBe(true);
    await reload(daemon, hold(port, { no_access: '127.0.0.1' }));
    expect(await allowed.waitForEnd()).toBeTruthy();
  });

  test('apply new connection options to the next client, and keep running sessions', async () => {
    const port = await freePort();
    const block = (flags: string) => serviceBlock('says', { port, server: fixture('say-options.py'), flags });
    const daemon = await startDaemon({ config: block('NOLIBWRAP') });
    const inode = inodeAt(daemon, port);
    const sessions: Connection[] = [];
    for (const [flags, said] of [
      ['NOLIBWRAP', 'nodelay 0, keepalive 0'],
      ['NODELAY KEEPALIVE', 'nodelay 1, keepalive 1'],
      ['KEEPALIVE', 'nodelay 0, keepalive 1'],
    ] as const) {
      await reload(daemon, block(flags));
      const session = await Connection.open({ port });
      sessions.push(session);
      expect(await session.waitForText(/keepalive \d/)).toContain(said);
    }
    expect(inodeAt(daemon, port)).toBe(inode);
    expect(sessions.map(({ ending }) => ending)).toEqual([null, null, null]);
  });

  test('reopen their logs', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port) });
    await ask({ port });
    await daemon.waitForEntry(/^EXIT: greet/);
    renameSync(daemon.serviceLog, `${daemon.serviceLog}.1`);
    await reload(daemon, null);
    await ask({ port });
    await daemon.waitForEntry(/^EXIT: greet/);
    expect(daemon.entries(`${daemon.serviceLog}.1`).filter((line) => line.startsWith('START'))).toHaveLength(1);
  });

  test('that cps has closed stay closed until their time', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port, { cps: [1, 4] }) });
    const since = performance.now();
    await untilPaused(daemon, port);
    await reload(daemon, greet(port, { cps: [50, 4], server_args: 'again' }));
    expect(await knock({ port })).toBe('refused');
    await waitFor('the service again', async () => (await knock({ port })) === 'again\n');
    expect(performance.now() - since).toBeGreaterThan(3_900);
  });

  test('that cps has closed may be removed meanwhile, and do not come back', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: greet(port, { cps: [1, 1] }) + hold(other) });
    await untilPaused(daemon, port);
    const gone = performance.now();
    await reload(daemon, hold(other));
    await waitFor('the time at which it would have come back', () => performance.now() > gone + 1_300);
    expect(await knock({ port })).toBe('refused');
    expect(daemon.running).toBe(true);
  });

  test('leave no process that holds a removed unix socket', async () => {
    const path = join(temporaryDirectory(), 'socket');
    const [port] = (await freePorts(1)) as [number];
    const unix = serviceBlock('local', { protocol: 'unix', bind: path, server: '/bin/cat' });
    const daemon = await startDaemon({ config: greet(port) + unix });
    const session = await Connection.open({ path });
    await reload(daemon, greet(port));
    expect(await session.waitForEnd()).toBeTruthy();
    expect(existsSync(path)).toBe(false);
  });
});

describeWith({ ...better, programs: ['gcc'] }, 'a reload while a server has the socket (wait = yes)', () => {
  const answer = (port: number, attributes: Attributes = {}) =>
    serviceBlock('answer', { port, socket_type: 'dgram', server: fixture('answer-datagrams.c'), server_args: 100, ...attributes });

  /** The server sends its pid first. */
  async function askOnce(client: DatagramClient, port: number): Promise<number> {
    const before = client.received.length;
    await client.send('hello', port);
    return Number.parseInt((await client.waitForCount(before + 1)).at(-1)!, 10);
  }

  test('disturbs neither the server nor the socket', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: answer(port) });
    const inode = inodeAt(daemon, port);
    const client = await DatagramClient.open();
    const pid = await askOnce(client, port);
    await reload(daemon, answer(port, { nice: 1 }));
    expect(await askOnce(client, port)).toBe(pid);
    expect(inodeAt(daemon, port)).toBe(inode);
    process.kill(pid, 'SIGKILL');
    await daemon.waitForEntry(/^EXIT: answer signal=9/);
    expect(await askOnce(client, port)).not.toBe(pid);
  });

  test('ends the server of a removed service', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: answer(port) + greet(other) });
    const pid = await askOnce(await DatagramClient.open(), port);
    await reload(daemon, greet(other));
    await waitFor('its end', () => processFacts(pid) === null);
    expect(socketInodes(daemon.pid).has(port)).toBe(false);
  });

  test('ends a server that blocks a new address, and starts the next one there', async () => {
    const port = await freePort();
    const stream = (attributes: Attributes) =>
      serviceBlock('accept', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 100, ...attributes });
    const daemon = await startDaemon({ config: stream({}) });
    const pid = Number.parseInt(await knock({ port }), 10);
    expect(pid).toBeGreaterThan(1);
    expect(await reload(daemon, stream({ bind: null, flags: 'IPv4' }))).toMatch(/Reconfigured/);
    expect(processFacts(pid)).toBe(null);
    expect(await knock({ port, host: '127.0.0.2' })).not.toBe('refused');
  });

  test('that fails restores the old service with its socket', async () => {
    const taken = await squatter();
    const port = await freePort();
    const stream = (attributes: Attributes) =>
      serviceBlock('accept', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 100, ...attributes });
    const daemon = await startDaemon({ config: stream({}) });
    await knock({ port });
    await daemon.waitForEntry(/^START: accept/);
    const said = await reload(daemon, stream({ bind: null }) + serviceBlock('late', { port: taken, server: '/bin/echo' }));
    expect(said).toMatch(/nothing has changed/);
    expect(await knock({ port })).not.toBe('refused');
  });
});

describeWith(better, 'many reloads', () => {
  test('requested at once happen one after the other, and the last configuration wins', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port) });
    for (let i = 0; i < 20; i++) {
      daemon.signal(i % 2 === 0 ? 'SIGHUP' : 'SIGUSR2');
      // Renamed into place: superd may be reading it.
      writeFileSync(`${daemon.configFile}.new`, greet(port, { server_args: `word ${i}` }));
      renameSync(`${daemon.configFile}.new`, daemon.configFile);
    }
    writeFileSync(`${daemon.configFile}.new`, greet(port, { server_args: 'the last' }));
    renameSync(`${daemon.configFile}.new`, daemon.configFile);
    await reload(daemon, null);
    await waitFor('the last configuration', async () => (await ask({ port })) === 'the last\n');
  });

  test('leak neither memory nor descriptors', async () => {
    const ports = await freePorts(30);
    const config = (round: number) =>
      ports.map((port, i) => serviceBlock(`s${i}`, { port, server: '/bin/echo', nice: round % 5 })).join('');
    const daemon = await startDaemon({ config: config(0) });
    for (let i = 0; i < 40; i++) await reload(daemon, config(i));
    const [memory, descriptors] = [anonymousMemory(daemon.pid), descriptorsOf(daemon.pid).size];
    for (let i = 0; i < 200; i++) await reload(daemon, config(i));
    await waitFor('as many descriptors as before', () => descriptorsOf(daemon.pid).size <= descriptors);
    // superd trims its memory a second after the last reload.
    await waitFor('as much memory as before, nearly', () => anonymousMemory(daemon.pid) - memory < 6_000);
  });
});
