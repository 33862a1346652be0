import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { verbs } from '../../src/control/verbs/table.js';
import { Connection, ask as talk } from '../support/client.js';
import { type Daemon, startDaemon, startDaemonThatEnds } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';
import { superctl } from './superctl.js';

async function world(defaults = '') {
  const port = await freePort();
  const config = `${defaults}${serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', cps: '1000 1', instances: 'UNLIMITED' })}`;
  return { port, daemon: await startDaemon({ config }) };
}

/** A client that speaks for itself. */
async function raw(daemon: Daemon, text = ''): Promise<{ socket: Socket; text: () => string; closed: Promise<void> }> {
  const socket = connect({ path: daemon.controlSocket });
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise<void>((resolve, reject) => socket.on('connect', () => resolve()).on('error', reject));
  if (text !== '') socket.write(text);
  return { socket, text: () => received, closed };
}

function post(daemon: Daemon, path: string, body: string | Buffer): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: daemon.controlSocket, path, method: 'POST' }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const code = (body: string) => (JSON.parse(body) as { error: { code: string } }).error.code;

describe('a hostile client of the control socket', () => {
  test('a body above 1 MiB is refused, and memory does not grow with it', async () => {
    const { daemon } = await world();
    const answer = await post(daemon, '/v1/stop', Buffer.alloc(1024 * 1024 + 1, ' ')).catch(() => null);
    if (answer !== null) expect([answer.status, code(answer.body)]).toEqual([413, 'too-large']);
    expect((await superctl(daemon, ['list'])).code).toBe(0);
  });

  test.each([
    ['no JSON', '/v1/stop', '{', 400, 'usage'],
    ['another shape', '/v1/stop', '[]', 400, 'usage'],
    ['a property that there is not', '/v1/stop', '{"services":["greet"],"hard":true}', 400, 'usage'],
    ['a wrong type', '/v1/stop', '{"services":"greet"}', 400, 'usage'],
    ['a prototype', '/v1/stop', '{"__proto__":{"services":["greet"]}}', 400, 'usage'],
    ['no such verb', '/v1/sotp', '{}', 404, 'unknown-verb'],
    ['a verb of Object', '/v1/constructor', '{}', 404, 'unknown-verb'],
    ['a path that climbs', '/v1/../../etc/passwd', '{}', 404, 'unknown-verb'],
    ['a pattern that is long to match', '/v1/list', `{"services":["${'*a'.repeat(50_000)}"]}`, 404, 'unknown-service'],
  ])('%s is told', async (_, path, body, status, wanted) => {
    const { daemon } = await world();
    const answer = await post(daemon, path, body);
    expect([answer.status, code(answer.body)]).toEqual([status, wanted]);
  });

  test('what changes something is not done for a GET', async () => {
    const { daemon, port } = await world();
    const { text, closed } = await raw(daemon, 'GET /v1/stop?services=greet HTTP/1.1\r\nhost: x\r\n\r\n');
    await closed;
    expect(text()).toMatch(/^HTTP\/1\.1 405 /);
    expect(await talk({ port })).toBe('hello\n');
  });

  test('half requests and nonsense are cut off after a time, and others do not wait for them', async () => {
    const { daemon } = await world();
    const half = await Promise.all([
      raw(daemon, 'POST /v1/list HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{'),
      raw(daemon, 'GET /v1/li'),
      raw(daemon),
    ]);
    const nonsense = await raw(daemon, '\0\0\0\n\n\n');
    await nonsense.closed;
    expect((await superctl(daemon, ['list'])).code).toBe(0);
    await Promise.all(half.map(({ closed }) => closed));
  });

  test('a reader that does not read costs superd little, and is told what it has missed', async () => {
    const { daemon, port } = await world();
    const slow = await raw(daemon, 'GET /v1/events?follow=true HTTP/1.1\r\nhost: x\r\n\r\n');
    await waitFor('the stream', () => slow.text().includes('text/event-stream'));
    slow.socket.pause();
    const before = residentKilobytes(daemon.pid);
    for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 25 }, () => talk({ port })));
    expect(residentKilobytes(daemon.pid) - before).toBeLessThan(16_000);
    expect((await superctl(daemon, ['list'])).code).toBe(0);
  });

  test('1,000 connections at once: more than it takes are told so, and afterwards it answers as before', async () => {
    const { daemon, port } = await world();
    const clients = await Promise.all(Array.from({ length: 1000 }, () => raw(daemon).catch(() => null)));
    expect(await talk({ port })).toBe('hello\n');
    const refused = () => clients.filter((client) => client?.text().includes(' 503 ')).length;
    await waitFor('refusals', () => refused() > 900, {
      evidence: () => `${refused()} of ${clients.filter((client) => client !== null).length}`,
    });
    for (const client of clients) client?.socket.destroy();
    await waitFor('room', async () => (await superctl(daemon, ['list'])).code === 0);
  });
});

function residentKilobytes(pid: number): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]);
}

describeWith({ root: true, programs: ['setpriv', 'curl'] }, 'who may ask', () => {
  const as = (ids: readonly string[], daemon: Daemon, args: readonly string[]) =>
    run('setpriv', [...ids, 'curl', '-s', '-m', '60', '--unix-socket', daemon.controlSocket, ...args]);
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];

  test('by default root alone, by the mode of the socket', async () => {
    const { daemon } = await world();
    expect((await as(nobody, daemon, ['http://x/v1/list'])).code).toBe(7);
  });

  test('those of control_read may look, and those of control_admin may everything, by user and by group', async () => {
    const { daemon, port } = await world('defaults\n{\n\tcontrol_admin = 60001 @60002\n\tcontrol_read = @60003\n}\n');
    const look = ['http://x/v1/list'];
    const stop = ['http://x/v1/stop', '--data', '{"services":["greet"]}'];
    expect((await as(nobody, daemon, look)).stdout).toContain('control_admin or control_read');
    const reader = ['--reuid=60009', '--regid=60009', '--groups=60003'];
    expect((await as(reader, daemon, look)).stdout).toContain('"units"');
    expect((await as(reader, daemon, stop)).stdout).toContain('forbidden');
    expect(await talk({ port })).toBe('hello\n');
    const byGroup = ['--reuid=60009', '--regid=60002', '--clear-groups'];
    const byUser = ['--reuid=60001', '--regid=60009', '--clear-groups'];
    expect((await as(byGroup, daemon, stop)).stdout).toContain('"stopped"');
    expect((await as(byUser, daemon, ['http://x/v1/start', '--data', '{"services":["greet"]}'])).stdout).toContain('"listening"');
  });

  test('those of control_read see clients as log_address has them, whatever they ask; admins as they are', async () => {
    const port = await freePort();
    const defaults = 'defaults\n{\n\tcontrol_admin = 60001\n\tcontrol_read = 65534\n\tlog_address = prefix\n}\n';
    const config = `${defaults}${serviceBlock('echo', { port, server: '/bin/cat' })}`;
    const daemon = await startDaemon({ config });
    const client = await Connection.open({ port, from: '127.0.66.77' });
    client.send('there\n');
    await client.waitForText(/there/);
    await superctl(daemon, ['ban', '127.0.66.77', '--for', '1h']);
    // What plan would end: the session of a client who is no longer let in.
    writeFileSync(daemon.configFile, config.replace('server ', 'no_access = 127.0.66.0/24\n\tserver '));
    const params: Record<string, string> = {
      ...{ explain: '?service=echo&from=192.0.2.1', events: '?lines=512', logs: '?lines=512' },
      ...{ bans: '', plan: '', version: '', top: '', check: '' },
    };
    const readVerbs = Object.values(verbs).filter(({ role }) => role === 'read');
    const paths = readVerbs.map(({ name }) => `http://x/v1/${name}${params[name] ?? '?services=echo'}`);
    const admin = (await as(['--reuid=60001', '--regid=60009', '--clear-groups'], daemon, paths)).stdout;
    expect(admin.match(/"127\.0\.66\.77"/g)!.length).toBeGreaterThanOrEqual(4);
    const reader = (await as(nobody, daemon, paths)).stdout;
    expect(reader).toMatch(/"session":\{[^}]*"address":"127\.0\.66\.0\/24"[^}]*\},"why"/);
    expect(reader).not.toContain('127.0.66.77');
    expect(reader).not.toContain('"error"');
  });

  test('a reload changes who may', async () => {
    const { daemon } = await world();
    const text = readFileSync(daemon.configFile, 'utf8');
    writeFileSync(daemon.configFile, `defaults\n{\n\tcontrol_read = 65534\n}\n${text}`);
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    expect((await as(nobody, daemon, ['http://x/v1/list'])).stdout).toContain('"units"');
    writeFileSync(daemon.configFile, text);
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    expect((await as(nobody, daemon, ['http://x/v1/list'])).code).toBe(7);
  });

  test('one user with all connections leaves room for root', async () => {
    const { daemon } = await world('defaults\n{\n\tcontrol_read = 65534\n}\n');
    const script = 'for i in $(seq 100); do curl -sN --unix-socket "$1" "http://x/v1/events?follow=true" & done; echo there; wait';
    const child = spawn('setpriv', [...nobody, 'sh', '-c', script, 'sh', daemon.controlSocket], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect((await superctl(daemon, ['list'])).code).toBe(0);
  });
});

describe('the socket in the file system', () => {
  test('what a dead superd has left is replaced; what lives is left alone', async () => {
    const { daemon } = await world();
    const second = await startDaemonThatEnds({
      config: readFileSync(daemon.configFile, 'utf8'),
      args: ['--control', daemon.controlSocket],
    });
    expect(second.words).toMatch(/another superd listens there/);
    expect((await superctl(daemon, ['list'])).code).toBe(0);
    daemon.signal('SIGKILL');
    await daemon.exited;
    const third = await startDaemon({ config: readFileSync(daemon.configFile, 'utf8'), args: ['--control', daemon.controlSocket] });
    expect((await run(new URL('../../bin/superctl', import.meta.url).pathname, ['--socket', daemon.controlSocket, 'list'])).code).toBe(0);
    expect(third.running).toBe(true);
  });

  test('it goes with superd', async () => {
    const { daemon } = await world();
    await daemon.stop();
    expect(() => readFileSync(daemon.controlSocket)).toThrow('ENOENT');
  });
});
