import { chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metricFamilies } from '../../src/report/metrics/table.js';
import { Connection } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { superctl } from './superctl.js';

async function fromSocket(daemon: Daemon, args: readonly string[] = []): Promise<string> {
  return (await run('curl', ['-sS', ...args, '--unix-socket', daemon.controlSocket, 'http://superd/metrics'])).stdout;
}

/** The value of the line that begins with this name and labels. */
function value(text: string, series: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
}

async function talk(port: number, from = '127.0.0.1'): Promise<void> {
  const client = await Connection.open({ port, from });
  client.end();
  await client.waitForEnd();
}

async function guardedDaemon() {
  const [port, metrics] = (await freePorts(2)) as [number, number];
  const config = serviceBlock('cat', { port, server: '/bin/cat', instances: 'UNLIMITED', only_from: '127.0.0.1' });
  const daemon = await startDaemon({ defaults: defaultsBlock({ metrics: `127.0.0.1 ${metrics}` }), config });
  return { daemon, port, metrics };
}

describe('what is counted', () => {
  test('sessions, refusals by reason, durations and starts, as it was', async () => {
    const { daemon, port } = await guardedDaemon();
    for (let i = 0; i < 3; i++) await talk(port);
    for (let i = 0; i < 2; i++) await talk(port, '127.0.0.2');
    const held = await Connection.open({ port });
    held.send('x\n');
    await held.waitForText(/x/);
    const text = await waitFor('four sessions, of which three have ended', async () => {
      const now = await fromSocket(daemon);
      const [started, ended] = ['superd_sessions_started_total', 'superd_session_duration_seconds_count'];
      return value(now, `${started}{service="cat"}`) === 4 && value(now, `${ended}{service="cat"}`) === 3 && now;
    });
    expect(value(text, 'superd_connections_accepted_total')).toBe(6);
    expect(value(text, 'superd_sessions_started_total{service="cat"}')).toBe(4);
    expect(value(text, 'superd_sessions_refused_total{service="cat",reason="address"}')).toBe(2);
    expect(value(text, 'superd_sessions{service="cat"}')).toBe(1);
    expect(value(text, 'superd_service_up{service="cat"}')).toBe(1);
    expect(value(text, 'superd_spawn_duration_seconds_count')).toBe(4);
    expect(value(text, 'superd_spawn_duration_seconds_sum')).toBeGreaterThan(0);
    expect(value(text, 'superd_session_duration_seconds_bucket{service="cat",le="+Inf"}')).toBe(3);
    expect(value(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(value(text, 'process_open_fds')).toBeGreaterThan(3);
  });

  test('a server that cannot be started, and a service that was stopped', async () => {
    const port = await freePort();
    const server = join(temporaryDirectory(), 'server');
    copyFileSync('/bin/cat', server);
    chmodSync(server, 0o755);
    const daemon = await startDaemon({ config: serviceBlock('gone', { port, server }) });
    rmSync(server);
    await talk(port);
    await waitFor('the failure', async () => value(await fromSocket(daemon), 'superd_sessions_failed_total{service="gone"}') === 1);
    await superctl(daemon, ['stop', 'gone']);
    await waitFor('its end', async () => value(await fromSocket(daemon), 'superd_service_up{service="gone"}') === 0);
  });

  test('lateness, once somebody looks', async () => {
    const { daemon } = await guardedDaemon();
    expect(value(await fromSocket(daemon), 'superd_event_loop_delay_seconds_count')).toBe(0);
    await waitFor('a beat', async () => (value(await fromSocket(daemon), 'superd_event_loop_delay_seconds_count') ?? 0) > 0);
  });
});

describe('metrics = ADDRESS PORT', () => {
  test('is a service behind the gate, which this machine alone may ask', async () => {
    const { daemon, metrics } = await guardedDaemon();
    const { stdout, code } = await run('curl', ['-sS', '-i', `http://127.0.0.1:${metrics}/metrics`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain; version=0\.0\.4/);
    expect(value(stdout, 'superd_sessions{service="metrics"}')).toBe(1);
    expect((await superctl(daemon, ['list', 'metrics'])).stdout).toMatch(/metrics +listening/);
  });

  test('only_from of the defaults says who else', async () => {
    const metrics = await freePort();
    const defaults = defaultsBlock({ metrics: `0.0.0.0 ${metrics}`, only_from: '127.0.0.2' });
    const daemon = await startDaemon({ defaults, config: serviceBlock('cat', { port: await freePort(), server: '/bin/cat' }) });
    const ask = (from: string) => run('curl', ['-sS', '--interface', from, `http://127.0.0.1:${metrics}/metrics`]);
    expect((await ask('127.0.0.2')).stdout).toContain('superd_build_info');
    expect((await ask('127.0.0.1')).stdout).toBe('');
    await waitFor('the refusal', async () => {
      return value(await fromSocket(daemon), 'superd_sessions_refused_total{service="metrics",reason="address"}') === 1;
    });
  });

  test('other paths and methods, no HTTP, too much of it, and nothing at all', async () => {
    const { metrics } = await guardedDaemon();
    const say = async (text: string) => {
      const client = await Connection.open({ port: metrics });
      client.send(text);
      await client.waitForEnd();
      return client.text;
    };
    expect(await say('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await say('POST /metrics HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 405 .*\r\n(.*\r\n)*allow: GET, HEAD\r\n/);
    expect(await say('HEAD /metrics HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\n$/);
    expect(await say('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await say(`GET /metrics HTTP/1.1\r\n${'x: y\r\n'.repeat(3000)}`)).toBe('');
    const silent = await Connection.open({ port: metrics });
    silent.end();
    await silent.waitForEnd();
    expect(silent.text).toBe('');
  });
});

describe('/metrics on the control socket', () => {
  test('changes nothing and is asked with GET', async () => {
    const { daemon } = await guardedDaemon();
    expect(await fromSocket(daemon, ['-X', 'POST'])).toContain('"code":"wrong-method"');
    expect(await fromSocket(daemon, ['-I'])).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain/);
  });
});

describeWith({ programs: ['promtool'] }, 'names', () => {
  test('are what Prometheus wants', async () => {
    const { daemon, port } = await guardedDaemon();
    await talk(port);
    await talk(port, '127.0.0.2');
    const text = await waitFor('the end of a session', async () => {
      const now = await fromSocket(daemon);
      return now.includes('superd_session_duration_seconds_bucket') && now;
    });
    expect(await run('promtool', ['check', 'metrics'], { input: text })).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

test('docs/metrics.md tells of every metric, and of no other', async () => {
  const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\w+) \| (.*)\| (.+) \|$/gm)].map(([, ...cells]) => cells.map((cell) => cell?.trim()));
  const wanted = Object.entries(metricFamilies).map(([name, { type, labels, help }]) => [
    name,
    type,
    labels.map((label) => `\`${label}\``).join(' '),
    help,
  ]);
  expect(rows).toEqual(wanted);
});
