import { expect, test } from 'vitest';
import { ask, Connection, knock } from '../support/client.js';
import { daemonKind, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { askSelf, environmentOf, reporter } from '../support/self-report.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';

async function selfService(attributes: Attributes): Promise<number> {
  const port = await freePort();
  await startDaemon({ config: serviceBlock('self', { port, bind: null, server: reporter(), ...attributes }) });
  return port;
}

async function remoteHost(port: number, host: string): Promise<string | undefined> {
  return environmentOf(await askSelf({ port, host })).get('REMOTE_HOST');
}

describeWith({ programs: ['gcc'], ipv6: true }, 'the addresses a service listens on', () => {
  test('are of both families without bind or flag, and an IPv4 client is logged as IPv4', async () => {
    const port = await selfService({});
    expect(await remoteHost(port, '::1')).toBe('::1');
    expect(await remoteHost(port, '127.0.0.1')).toBe(daemonKind() === 'superd' ? '127.0.0.1' : '::ffff:127.0.0.1');
  });

  test('are IPv4 only with the flag IPv4', async () => {
    const port = await selfService({ flags: 'IPv4' });
    expect(await remoteHost(port, '127.0.0.1')).toBe('127.0.0.1');
    expect(await knock({ port, host: '::1' })).toBe('refused');
  });

  test('are the one of bind, IPv4 or IPv6', async () => {
    const port = await selfService({ bind: '::1' });
    expect(await remoteHost(port, '::1')).toBe('::1');
    expect(await knock({ port, host: '127.0.0.1' })).toBe('refused');
  });

  test('include no other address of the same network', async () => {
    const port = await selfService({ bind: '127.0.0.5' });
    expect(await remoteHost(port, '127.0.0.5')).toBe('127.0.0.1');
    expect(await knock({ port, host: '127.0.0.1' })).toBe('refused');
  });

  test('can be named with interface', async () => {
    const port = await freePort();
    const attributes = { port, bind: null, interface: '127.0.0.6', server: '/bin/echo', server_args: 'hello' };
    await startDaemon({ config: serviceBlock('greet', attributes) });
    expect(await ask({ port, host: '127.0.0.6' })).toBe('hello\n');
    expect(await knock({ port, host: '127.0.0.1' })).toBe('refused');
  });
});

/** Whether clients from these addresses are admitted. */
async function admitted(attributes: Attributes, callers: readonly string[]): Promise<Record<string, boolean>> {
  const port = await freePort();
  await startDaemon({ config: serviceBlock('door', { port, server: fixture('greet-then-hold.sh'), ...attributes }) });
  const answers: Record<string, boolean> = {};
  for (const from of callers) answers[from] = /^hello/.test(await knock({ port, from }));
  return answers;
}

describeWith({}, 'only_from and no_access', () => {
  const everyone = ['127.0.0.1', '127.0.0.7', '127.0.1.7', '127.5.5.5'];

  test('admit a single address', async () => {
    expect(await admitted({ only_from: '127.0.0.7' }, everyone)).toEqual({
      '127.0.0.1': false,
      '127.0.0.7': true,
      '127.0.1.7': false,
      '127.5.5.5': false,
    });
  });

  test('admit a network written with a prefix length, or with zeros at its end', async () => {
    const wanted = { '127.0.0.1': false, '127.0.0.7': false, '127.0.1.7': true, '127.5.5.5': false };
    expect(await admitted({ only_from: '127.0.1.0/24' }, everyone)).toEqual(wanted);
    expect(await admitted({ only_from: '127.0.1.0' }, everyone)).toEqual(wanted);
  });

  test('admit the addresses that braces enumerate', async () => {
    const answers = await admitted({ only_from: '127.0.0.{1,7}' }, everyone);
    expect(answers).toEqual({ '127.0.0.1': true, '127.0.0.7': true, '127.0.1.7': false, '127.5.5.5': false });
  });

  test('refuse the addresses of no_access', async () => {
    const answers = await admitted({ no_access: ['127.0.0.7', '127.5.0.0/16'] }, everyone);
    expect(answers).toEqual({ '127.0.0.1': true, '127.0.0.7': false, '127.0.1.7': true, '127.5.5.5': false });
  });

  test('refuse an address that both name', async () => {
    const answers = await admitted({ only_from: '127.0.0.0/8', no_access: '127.0.0.7' }, ['127.0.0.1', '127.0.0.7']);
    expect(answers).toEqual({ '127.0.0.1': true, '127.0.0.7': false });
  });

  test('admit no client with an empty only_from', async () => {
    expect(await admitted({ only_from: [] }, ['127.0.0.1'])).toEqual({ '127.0.0.1': false });
  });

  test('lose addresses with -=', async () => {
    const answers = await admitted({ only_from: ['127.0.0.1', '127.0.0.7'], 'only_from-=': '127.0.0.7' }, ['127.0.0.1', '127.0.0.7']);
    expect(answers).toEqual({ '127.0.0.1': true, '127.0.0.7': false });
  });

  test('apply to an IPv4 client of a socket for both families', async () => {
    const port = await freePort();
    const attributes = { port, bind: null, server: fixture('greet-then-hold.sh'), only_from: '127.0.0.7' };
    await startDaemon({ config: serviceBlock('door', attributes) });
    expect(await knock({ port, from: '127.0.0.7' })).toMatch(/^hello/);
    expect(await knock({ port, from: '127.0.0.1' })).toBe('closed');
  });

  test('log the client', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('door', { port, server: '/bin/echo', no_access: '127.0.0.7' }) });
    expect(await knock({ port, from: '127.0.0.7' })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: door address from=127\.0\.0\.7$/);
  });
});

describeWith({ superdOnly: 'xinetd starts a process before it looks at the address' }, 'a refused client', () => {
  test('costs no process: neither START nor EXIT is logged', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('door', { port, server: '/bin/echo', only_from: '127.0.0.1' }) });
    for (let i = 0; i < 20; i++) expect(await knock({ port, from: '127.0.0.7' })).toBe('closed');
    await ask({ port });
    await daemon.waitForEntry(/^EXIT: door/);
    const entries = daemon.entries();
    expect(entries.filter((line) => line.startsWith('FAIL: door address')).length).toBe(20);
    expect(entries.filter((line) => line.startsWith('START: door')).length).toBe(1);
  });

  test('sees an orderly end, not a reset', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('door', { port, server: '/bin/echo', only_from: '127.0.0.1' }) });
    const connection = await Connection.open({ port, from: '127.0.0.7' });
    expect(await connection.waitForEnd()).toBe('end');
  });
});
