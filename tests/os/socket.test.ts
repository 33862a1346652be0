import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SystemError } from '../../src/errors.js';
import { close, peerCredentials, setSocketOption, socketName, socketPeer } from '../../src/os/socket.js';
import { freePorts } from '../support/ports.js';
import { descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { open, World } from './world.js';

const flags = (fd: number) => Number.parseInt(/flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!, 8);
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;

test('sockets of every kind have the requested address, and are close-on-exec', () => {
  const path = join(temporaryDirectory(), 'socket');
  const names = [
    open({ nonblocking: true }),
    open({ type: 'dgram', backlog: -1, address: null }),
    open({ family: 'inet6', address: '::1' }),
    open({ family: 'unix', address: path }),
    open({ family: 'unix', type: 'seqpacket', address: `@superd-${process.pid}` }),
    open({ family: 'unix', type: 'dgram', backlog: -1, address: `${path}.dgram` }),
  ].map((fd) => ({ ...socketName(fd), closeOnExec: (flags(fd) & O_CLOEXEC) !== 0, nonblocking: (flags(fd) & O_NONBLOCK) !== 0 }));
  expect(names.map(({ address }) => address)).toEqual(['127.0.0.1', '0.0.0.0', '::1', path, `@superd-${process.pid}`, `${path}.dgram`]);
  expect(names.map(({ family }) => family)).toEqual(['inet', 'inet', 'inet6', 'unix', 'unix', 'unix']);
  expect(names.every(({ closeOnExec }) => closeOnExec)).toBe(true);
  expect(names.map(({ nonblocking }) => nonblocking)).toEqual([true, false, false, false, false, false]);
});

test.each([Number.NaN, 2 ** 32, 0.5, -(2 ** 31) - 1])('%d is rejected, and never taken for another descriptor', (fd) => {
  expect(() => close(fd)).toThrow(TypeError);
});

test('v6only leaves the port free for IPv4; without it the port is taken', async () => {
  const [one, other] = (await freePorts(2)) as [number, number];
  open({ family: 'inet6', address: '::', port: one, v6only: true, reuseAddress: false });
  expect(() => open({ port: one, reuseAddress: false })).not.toThrow();
  open({ family: 'inet6', address: '::', port: other, v6only: false, reuseAddress: false });
  expect(() => open({ port: other, reuseAddress: false })).toThrow(/EADDRINUSE/);
});

test('an error has the step and the address, and leaves no descriptor', () => {
  const port = socketName(open()).port;
  const before = descriptorsOf(process.pid).size;
  const failures: [Parameters<typeof open>[0], string, string][] = [
    [{ port }, 'bind', 'EADDRINUSE'],
    [{ address: '192.0.2.1' }, 'bind', 'EADDRNOTAVAIL'],
    [{ address: 'no address' }, 'bind', 'EINVAL'],
    [{ family: 'inet6', address: 'fe80::1%no-such-link' }, 'bind', 'ENODEV'],
    // 2³² + 1 is not the loopback interface.
    [{ family: 'inet6', address: 'fe80::1%4294967297' }, 'bind', 'ENODEV'],
    [{ family: 'inet6', address: 'fe80::1%-1' }, 'bind', 'ENODEV'],
    [{ family: 'unix', address: `/tmp/${'x'.repeat(110)}` }, 'bind', 'ENAMETOOLONG'],
    [{ family: 'unix', address: '/nonexistent/socket' }, 'bind', 'ENOENT'],
    [{ protocol: 999 }, 'socket', 'EINVAL'],
    [{ device: 'no-such-link' }, 'setsockopt', 'ENODEV'],
    [{ type: 'dgram', backlog: 5 }, 'listen', 'ENOTSUP'],
  ];
  for (const [spec, syscall, code] of failures) {
    const error = attempt(spec);
    expect(error).toBeInstanceOf(SystemError);
    expect([error.syscall, error.code]).toEqual([syscall, code]);
  }
  expect(attempt({ port }).message).toBe(`bind 127.0.0.1 port ${port}: address already in use (EADDRINUSE)`);
  expect(descriptorsOf(process.pid).size).toBe(before);
});

function attempt(spec: Parameters<typeof open>[0]): SystemError {
  try {
    open(spec);
  } catch (error) {
    return error as SystemError;
  }
  throw new Error('it opened');
}

describeWith({ root: true }, 'with the rights of root', () => {
  test('freebind binds an address of another machine, device binds to an interface, a scope may be a number', () => {
    expect(socketName(open({ address: '192.0.2.1', freebind: true })).address).toBe('192.0.2.1');
    expect(() => open({ device: 'lo' })).not.toThrow();
    expect(socketName(open({ family: 'inet6', address: 'fe80::77%1', freebind: true })).address).toBe('fe80::77%lo');
    expect(() => open({ type: 'raw', protocol: 1, backlog: -1 })).not.toThrow();
  });
});

test('nodelay and keepalive are accepted, for TCP only', () => {
  expect(() => open({ nodelay: true, keepalive: true })).not.toThrow();
  expect(attempt({ family: 'unix', address: `@superd-n-${process.pid}`, nodelay: true }).syscall).toBe('setsockopt');
  expect(() => setSocketOption(open(), 1, 9, 1)).not.toThrow();
});

test('the peer of a unix connection has a pid and a user', async () => {
  const world = new World();
  const path = join(temporaryDirectory(), 'socket');
  const fd = open({ family: 'unix', address: path });
  let seen: unknown = null;
  world.onAccepted = (_token, record) => {
    seen = [peerCredentials(record.fd), socketPeer(record.fd)];
    return false;
  };
  world.loop.watchAccept(fd, 1);
  const client = connect(path);
  onTestFinished(() => void client.destroy());
  await waitFor('the connection', () => seen !== null);
  const self = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
  expect(seen).toEqual([self, { family: 'unix', address: '', port: 0 }]);
  expect(socketPeer(fd)).toBeNull();
  expect(() => peerCredentials(open({ family: 'unix', type: 'dgram', backlog: -1, address: `${path}.d` }))).toThrow(/ENOTCONN/);
});

test('a closed descriptor, or one that is no socket, is an error', () => {
  expect(() => close(9999)).toThrow('close of descriptor 9999: bad file descriptor (EBADF)');
  const file = openSync('/dev/null', 'r');
  expect(() => socketName(file)).toThrow(/ENOTSOCK/);
  closeSync(file);
});
