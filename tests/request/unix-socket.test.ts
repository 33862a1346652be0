import { existsSync, mkdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { askSelf, environmentOf, reporter } from '../support/self-report.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

/** A service on a socket in the file system. */
function unixService(name: string, path: string, attributes: Attributes): string {
  return serviceBlock(name, { protocol: 'unix', bind: path, ...attributes });
}

describeWith({ programs: ['gcc'], superdOnly: 'unix sockets are an extension' }, 'a service on a unix socket', () => {
  test('has the connection as descriptors 0 to 2, and no caller’s address in its environment', async () => {
    const path = join(temporaryDirectory(), 'self.sock');
    await startDaemon({ config: unixService('self', path, { server: reporter() }) });
    const self = await askSelf({ path });
    expect(self.descriptors.map((one) => one.fd)).toEqual([0, 1, 2]);
    expect(self.descriptors.every((one) => one.socket && !one.nonblocking)).toBe(true);
    expect([...environmentOf(self).keys()].filter((name) => name.startsWith('REMOTE_'))).toEqual([]);
  });

  test('counts its instances like any other', async () => {
    const path = join(temporaryDirectory(), 'hold.sock');
    const daemon = await startDaemon({ config: unixService('hold', path, { server: fixture('greet-then-hold.sh'), instances: 1 }) });
    const first = await Connection.open({ path });
    await first.waitForText(/^hello/);
    const second = await Connection.open({ path });
    expect(await second.readToEnd()).toBe('');
    await daemon.waitForEntry(/^FAIL: hold service_limit/);
  });

  test('has the listener handed over with wait = yes', async () => {
    const path = join(temporaryDirectory(), 'some.sock');
    await startDaemon({ config: unixService('some', path, { wait: 'yes', server: fixture('accept-some.c'), server_args: 2 }) });
    const answers = [await ask({ path }), await ask({ path }), await ask({ path })].map((answer) => answer.trim().split(' '));
    expect(answers.map((parts) => parts[1])).toEqual(['1', '2', '1']);
    expect(answers.every((parts) => parts[2] === 'blocking' && parts[3] === '0,1,2')).toBe(true);
  });

  test('takes the place of a socket that a dead daemon left', async () => {
    const path = join(temporaryDirectory(), 'greet.sock');
    const config = unixService('greet', path, { server: '/bin/echo', server_args: 'hello' });
    const first = await startDaemon({ config });
    first.signal('SIGKILL');
    await first.exited;
    expect(existsSync(path)).toBe(true);
    await startDaemon({ config });
    expect(await ask({ path })).toBe('hello\n');
  });

  test('does not take the place of one that is in use', async () => {
    const path = join(temporaryDirectory(), 'greet.sock');
    const config = unixService('greet', path, { server: '/bin/echo', server_args: 'first' });
    await startDaemon({ config });
    const other = unixService('other', join(temporaryDirectory(), 'other.sock'), { server: '/bin/echo' });
    const second = await startDaemon({ config: config.replace('first', 'second') + other });
    await second.waitForWords(/greet.*address already in use/);
    expect(await ask({ path })).toBe('first\n');
  });

  test('leaves no socket in the file system when the daemon ends', async () => {
    const path = join(temporaryDirectory(), 'greet.sock');
    const daemon = await startDaemon({ config: unixService('greet', path, { server: '/bin/echo' }) });
    expect(existsSync(path)).toBe(true);
    await daemon.stop();
    expect(existsSync(path)).toBe(false);
  });

  test('lets everybody connect, whatever the umask', async () => {
    const path = join(temporaryDirectory(), 'greet.sock');
    await startDaemon({ config: unixService('greet', path, { server: '/bin/echo' }), prefix: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] });
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  test('ends its servers also when something else stands where its socket was, and leaves that alone', async () => {
    const path = join(temporaryDirectory(), 'hold.sock');
    const daemon = await startDaemon({ config: unixService('hold', path, { server: fixture('greet-then-hold.sh') }) });
    const client = await Connection.open({ path });
    await client.waitForText(/^hello/);
    unlinkSync(path);
    mkdirSync(path);
    daemon.signal('SIGTERM');
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
    await client.readToEnd();
    expect(statSync(path).isDirectory()).toBe(true);
  });
});

describeWith({ programs: ['gcc', 'nc'], superdOnly: 'unix sockets are an extension' }, 'a datagram service on a unix socket', () => {
  test('answers each datagram by a server of its own', async () => {
    const path = join(temporaryDirectory(), 'answer.sock');
    await startDaemon({
      config: unixService('answer', path, { socket_type: 'dgram', wait: 'yes', server: fixture('answer-datagrams.c'), server_args: 1 }),
    });
    const client = () => run('nc', ['-u', '-U', '-W', '1', path], { input: 'hello\n' });
    const answers = await Promise.all([client(), client(), client()]);
    expect(answers.map((answer) => answer.stdout.replace(/^\d+/, 'PID'))).toEqual(['PID hello\n', 'PID hello\n', 'PID hello\n']);
    expect(new Set(answers.map((answer) => answer.stdout)).size).toBe(3);
  });
});

describeWith({ programs: ['curl'], superdOnly: 'unix sockets are an extension' }, 'a unix socket without a file', () => {
  test('works in the abstract namespace', async () => {
    const name = `superd-test-${process.pid}`;
    await startDaemon({ config: unixService('greet', `@${name}`, { server: '/bin/echo', server_args: 'hello' }) });
    // Node 20 itself pads such names with zeros.
    expect((await run('curl', ['--silent', '--show-error', '--abstract-unix-socket', name, 'telnet://greet'])).stdout).toBe('hello\n');
  });
});
