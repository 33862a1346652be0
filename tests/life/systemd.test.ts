import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection, DatagramClient, knock } from '../support/client.js';
import { type DaemonOptions, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { Running } from '../support/run.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { reload, socketInodes } from './reloading.js';

const ours = { superdOnly: 'xinetd does not know systemd' };
const program = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

const greet = (port: number, attributes: Attributes = {}) =>
  serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', ...attributes });

describeWith({ ...ours, programs: ['python3'] }, 'the service manager', () => {
  test.each([
    ['a path', () => join(temporaryDirectory(), 'notify')],
    ['an abstract name', () => `@superd-test-${process.pid}-${Math.random()}`],
  ])('is told of readiness, reloads and the end through %s', async (_, place) => {
    const path = place();
    const manager = new Running('python3', [program('hear-datagrams.py'), path]);
    await manager.waitForLines(1);
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port), env: { NOTIFY_SOCKET: path } });
    expect((await manager.waitForLines(2))[1]).toBe(`READY=1 MAINPID=${daemon.pid} STATUS=1 available service`);
    await reload(daemon, null);
    const [, , reloading, ready] = await manager.waitForLines(4);
    expect(reloading).toMatch(/^RELOADING=1 MONOTONIC_USEC=\d+$/);
    expect(ready).toMatch(/^READY=1 /);
    await reload(daemon, greet(port, { instances: 'x' }));
    expect((await manager.waitForLines(6)).slice(4).map((line) => line.split('=')[0])).toEqual(['RELOADING', 'READY']);
    daemon.signal('SIGTERM');
    await within('the end', daemon.exited);
    expect((await manager.waitForLines(7))[6]).toBe('STOPPING=1');
  });

  test('may be missing', async () => {
    const port = await freePort();
    await startDaemon({ config: greet(port), env: { NOTIFY_SOCKET: '/nonexistent/notify' } });
    expect(await ask({ port })).toBe('hello\n');
  });
});

describeWith({ ...ours, programs: ['python3', 'gcc'] }, 'sockets of the service manager', () => {
  const passing = (...sockets: readonly string[]): Pick<DaemonOptions, 'prefix'> => ({
    prefix: ['python3', program('pass-sockets.py'), ...sockets, '--'],
  });

  test('serve the endpoints with their address, port and type', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const path = join(temporaryDirectory(), 'socket');
    const answer = serviceBlock('answer', { port: other, socket_type: 'dgram', server: fixture('answer-datagrams.c'), server_args: 1 });
    const local = serviceBlock('local', { protocol: 'unix', bind: path, server: '/bin/echo', server_args: 'local' });
    const daemon = await startDaemon({
      config: greet(port) + answer + local,
      ...passing(`unknown=tcp:127.0.0.1:${port}`, `unknown=udp:127.0.0.1:${other}`, `x=unix:${path}`),
    });
    expect(await ask({ port })).toBe('hello\n');
    const client = await DatagramClient.open();
    await client.send('hello', other);
    await client.waitForCount(1);
    expect(await ask({ path })).toBe('local\n');
    expect(daemon.words).not.toMatch(/of the service manager/);
  });

  test('serve the service whose id is their name, at any address', async () => {
    const [port, elsewhere] = (await freePorts(2)) as [number, number];
    await startDaemon({ config: greet(port), ...passing(`greet=tcp:127.0.0.1:${elsewhere}`) });
    expect(await ask({ port: elsewhere })).toBe('hello\n');
    expect(await knock({ port })).toBe('refused');
  });

  test('stay open over reloads, over changes of the way of starting, and while their service is missing', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: greet(port), ...passing(`greet=tcp:127.0.0.1:${port}`) });
    const inode = socketInodes(daemon.pid).get(port);
    await reload(daemon, greet(port, { server_args: 'again' }));
    expect(await ask({ port })).toBe('again\n');
    await reload(daemon, greet(port, { wait: 'yes', server: fixture('accept-some.c'), server_args: 1 }));
    expect(await ask({ port })).not.toBe('');
    await reload(daemon, serviceBlock('other', { port: other, server: '/bin/echo' }));
    const waiting = await Connection.open({ port });
    await reload(daemon, greet(port, { server_args: 'back' }));
    expect(await waiting.readToEnd()).toBe('back\n');
    expect(socketInodes(daemon.pid).get(port)).toBe(inode);
  });

  test('stay open, and clients wait, while cps pauses the service', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port, { cps: [1, 1] }), ...passing(`x=tcp:127.0.0.1:${port}`) });
    await waitFor('it to be paused', async () => /paused/.test(daemon.words) || void (await knock({ port })));
    expect(await ask({ port })).toBe('hello\n');
    await daemon.waitForWords(/resumed/);
  });

  test('that no service uses are reported', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: greet(port), ...passing(`lonely=tcp:127.0.0.1:${other}`) });
    expect(daemon.words).toMatch(/descriptor 3 \(lonely\) of the service manager: no service listens there/);
    expect(await ask({ port })).toBe('hello\n');
  });

  test('for another process are not touched', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port), env: { LISTEN_PID: '1' }, ...passing(`x=tcp:127.0.0.1:${port}`) });
    await daemon.waitForWords(/greet.*address already in use/);
  });

  test('are not passed to a server', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const script = join(temporaryDirectory(), 'list');
    writeFileSync(script, '#!/bin/sh\nls /proc/$$/fd\nenv | grep LISTEN_\n', { mode: 0o755 });
    await startDaemon({ config: greet(port, { server: script }), ...passing(`x=tcp:127.0.0.1:${port}`, `y=tcp:127.0.0.1:${other}`) });
    expect((await ask({ port })).split('\n').filter((fd) => Number(fd) >= 3 && Number(fd) < 10)).toEqual([]);
    expect(await ask({ port })).not.toContain('LISTEN_');
  });
});

describeWith({ ...ours, programs: ['systemd-socket-activate'] }, 'systemd-socket-activate', () => {
  test('starts superd with its socket, and the first client is served', async () => {
    const port = await freePort();
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'conf'), greet(port));
    const superd = new URL('../../bin/superd', import.meta.url).pathname;
    const environment = ['PATH', 'HOME'].map((name) => `--setenv=${name}`);
    const args = [
      '--listen',
      `127.0.0.1:${port}`,
      '--fdname=greet',
      ...environment,
      superd,
      '--state',
      join(directory, 'state'),
      '--control',
      'none',
      '--foreground',
      '--config',
      join(directory, 'conf'),
    ];
    new Running('systemd-socket-activate', args);
    await waitFor('systemd to listen', async () => socketInodes(process.pid).has(port));
    expect(await ask({ port })).toBe('hello\n');
    expect(await ask({ port })).toBe('hello\n');
  });
});
