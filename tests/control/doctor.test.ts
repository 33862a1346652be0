import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { superctl } from './superctl.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;
}

/** A configuration that no superd runs. */
function written(config: string): string {
  const file = join(temporaryDirectory(), 'superd.conf');
  writeFileSync(file, config);
  return file;
}

async function examine(file: string, { prefix = [] as readonly string[], args = [] as readonly string[] } = {}) {
  const [first, ...words] = [...prefix, program, '--socket', join(file, 'none'), 'doctor', '--json', '--config', file, ...args];
  const { code, stdout, stderr } = await run(first as string, words);
  expect(stderr).toMatch(/^superctl: no superd answers/);
  return { code, found: problems(stdout) };
}

async function examineRunning(daemon: Daemon) {
  const { code, stdout, stderr } = await superctl(daemon, ['doctor', '--json']);
  expect(stderr).toBe('');
  return { code, found: problems(stdout) };
}

/** Without notes: they concern the machine that runs the test. */
const problems = (json: string) => (JSON.parse(json) as { findings: Finding[] }).findings.filter(({ severity }) => severity !== 'note');

async function taken(): Promise<number> {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return port;
}

const greet = (port: number, more = {}) => serviceBlock('greet', { port, server: '/bin/echo', ...more });

describe('doctor without a running superd', () => {
  test('finds nothing in a sound configuration and exits with 0', async () => {
    const [port] = (await freePorts(1)) as [number];
    const file = written(greet(port, { only_from: '127.0.0.1' }));
    expect(await examine(file)).toEqual({ code: 0, found: [] });
    const { stdout } = await run(program, ['--socket', '/nonexistent', 'doctor', '--config', file]);
    expect(stdout).toMatch(new RegExp(`${file}: 0 errors, 0 warnings, \\d notes?\n$`));
  });

  test('names the process that occupies a port, and the line of the service', async () => {
    const port = await taken();
    const file = written(greet(port));
    const { code, found } = await examine(file);
    expect(code).toBe(1);
    expect(found).toMatchObject([{ severity: 'error', code: 'port-taken', place: `${file}:1` }]);
    expect(found[0]?.problem).toMatch(new RegExp(`^tcp 127\\.0\\.0\\.1:${port} of greet is taken by .*\\(pid ${process.pid}\\)`));
  });

  test('a wildcard needs the port on every address; another loopback address is free', async () => {
    const port = await taken();
    expect((await examine(written(greet(port, { bind: null, flags: 'IPv4' })))).found).toMatchObject([{ code: 'port-taken' }]);
    expect((await examine(written(greet(port, { bind: '127.0.0.77' })))).found).toEqual([]);
  });

  test('a missing server, one that is not executable, and an unknown user', async () => {
    const [a, b] = (await freePorts(2)) as [number, number];
    const plain = join(temporaryDirectory(), 'plain');
    writeFileSync(plain, '');
    const file = written(
      greet(a, { server: '/nonexistent/server' }) + serviceBlock('plain', { port: b, server: plain, user: 'nobody-of-that-name' }),
    );
    const { code, found } = await examine(file);
    expect(code).toBe(1);
    expect(found.map((one) => one.code).sort()).toEqual(['server-not-executable', 'server-not-executable', 'unknown-user']);
    expect(found.every(({ place, remedy }) => place.startsWith(`${file}:`) && remedy !== '')).toBe(true);
  });

  test('entries of address lists that no client can match', async () => {
    const [port] = (await freePorts(1)) as [number];
    const file = written(greet(port, { only_from: '127.0.0.1 127.0.0.9 192.0.2.7', no_access: '127.0.0.9' }));
    const { found } = await examine(file);
    expect(found.map(({ code, problem }) => `${code} ${problem}`)).toEqual([
      expect.stringMatching(/^never-matches only_from of greet: 127\.0\.0\.9 can never match: no_access has the same entry/),
      expect.stringMatching(/^never-matches only_from of greet: 192\.0\.2\.7 can never match: the service listens at 127\.0\.0\.1/),
    ]);
    expect(found[0]?.place).toMatch(new RegExp(`^${file}:\\d+$`));
  });

  test('mistakes in the access rules', async () => {
    const [port] = (await freePorts(1)) as [number];
    const allow = join(temporaryDirectory(), 'hosts.allow');
    writeFileSync(allow, 'ALL: ALL\ngreet: 192.0.2.7\n');
    const { code, found } = await examine(written(defaultsBlock({ hosts_allow: allow }) + greet(port)));
    expect(code).toBe(1);
    expect(found.map(({ place }) => place)).toContain(`${allow}:2`);
  });

  test('log files that cannot be written', async () => {
    const [a, b, c] = (await freePorts(3)) as [number, number, number];
    const folder = temporaryDirectory();
    const log = (name: string, port: number, path: string) => serviceBlock(name, { port, server: '/bin/echo', log_type: `FILE ${path}` });
    const { found } = await examine(written(log('a', a, '/nonexistent/a.log') + log('b', b, folder) + log('c', c, join(folder, 'c.log'))));
    expect(found).toMatchObject([
      { code: 'log-unwritable', remedy: 'mkdir -p /nonexistent' },
      { code: 'log-unwritable', problem: `${folder} cannot be written: it is a directory` },
    ]);
  });

  test('a state directory that others may write', async () => {
    const state = join(temporaryDirectory(), 'state');
    mkdirSync(state);
    chmodSync(state, 0o777);
    const [port] = (await freePorts(1)) as [number];
    const file = written(greet(port));
    expect((await examine(file, { args: ['--state', state] })).found).toMatchObject([
      { code: 'state-unsafe', place: state, remedy: `chmod go-w ${state}` },
    ]);
    chmodSync(state, 0o700);
    expect((await examine(file, { args: ['--state', state] })).found).toEqual([]);
  });

  test('a pidfile of a process that is gone, and one without a number', async () => {
    const [port] = (await freePorts(1)) as [number];
    const file = written(greet(port));
    const pidfile = join(temporaryDirectory(), 'superd.pid');
    const gone = await run('sh', ['-c', 'echo $$']);
    writeFileSync(pidfile, gone.stdout);
    expect((await examine(file, { args: ['--pidfile', pidfile] })).found).toMatchObject([
      { code: 'pidfile-stale', place: pidfile, problem: `names process ${gone.stdout.trim()}, which is gone` },
    ]);
    writeFileSync(pidfile, 'no number\n');
    expect((await examine(file, { args: ['--pidfile', pidfile] })).found).toMatchObject([
      { code: 'pidfile-stale', problem: 'names no process' },
    ]);
  });

  test('more instances than descriptors', async () => {
    const [port] = (await freePorts(1)) as [number];
    const file = written(greet(port, { instances: 5000 }));
    const prefix = ['prlimit', '--nofile=500:500'];
    expect((await examine(file, { prefix })).found).toMatchObject([{ code: 'session-limit', severity: 'warning' }]);
    expect((await examine(file, { prefix: ['prlimit', '--nofile=500:500'], args: [] })).code).toBe(1);
    expect((await examine(written(greet(port, { instances: 100 })), { prefix })).found).toEqual([]);
  });

  test('a file from the future: the clock is slow', async () => {
    const [port] = (await freePorts(1)) as [number];
    const file = written(greet(port));
    utimesSync(file, new Date(), new Date(Date.now() + 86_400_000));
    expect((await examine(file)).found).toMatchObject([{ code: 'clock-behind', place: file }]);
  });

  test('a missing configuration', async () => {
    const file = join(temporaryDirectory(), 'none.conf');
    expect((await examine(file)).found).toMatchObject([{ code: 'config-unreadable', place: file }]);
  });
});

describe('doctor beside a running superd', () => {
  test("superd's own sockets and pidfile are no problem", async () => {
    const [port] = (await freePorts(1)) as [number];
    const daemon = await startDaemon({ config: greet(port) });
    expect(await examineRunning(daemon)).toEqual({ code: 0, found: [] });
  });

  test('a service that superd could not open, and the process that has its port', async () => {
    const [port] = (await freePorts(1)) as [number];
    const other = await taken();
    const daemon = await startDaemon({ config: greet(port) + serviceBlock('late', { port: other, server: '/bin/echo' }) });
    const { code, found } = await examineRunning(daemon);
    expect(code).toBe(1);
    expect(found).toHaveLength(1);
    expect(found[0]?.problem).toContain(`of late is taken by`);
    expect(found[0]?.problem).toContain(`(pid ${process.pid})`);
  });

  test('reads the configuration as the running superd does, with --own-user', async () => {
    const daemon = await startDaemon({ config: greet(await freePort(), { user: null }), args: ['--own-user'] });
    expect(await examineRunning(daemon)).toEqual({ code: 0, found: [] });
  });

  test('honours services that an operator has disabled or enabled', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const broken = serviceBlock('broken', { port: other, server: '/nonexistent' });
    const daemon = await startDaemon({ config: greet(port) + broken });
    expect((await examineRunning(daemon)).code).toBe(1);
    await superctl(daemon, ['disable', 'broken']);
    expect(await examineRunning(daemon)).toEqual({ code: 0, found: [] });
    await superctl(daemon, ['enable', 'broken']);
    expect((await examineRunning(daemon)).code).toBe(1);
  });

  test('examines services of superctl run', async () => {
    const daemon = await startDaemon({ config: greet(await freePort()) });
    const server = join(daemon.directory, 'server');
    writeFileSync(server, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
    await superctl(daemon, ['run', '--name', 'beside', '--env', 'SECRET=1', '--', server, "it's\ntwo"]);
    expect(await examineRunning(daemon)).toEqual({ code: 0, found: [] });
    expect((await superctl(daemon, ['version', '--json'])).stdout).not.toContain('SECRET=1');
    rmSync(server);
    const { found } = await examineRunning(daemon);
    expect(found).toMatchObject([{ severity: 'warning', code: 'server-not-executable', place: 'superctl run beside' }]);
  });

  test('the descriptor limit of the running superd, and an overwritten pidfile', async () => {
    const [port] = (await freePorts(1)) as [number];
    const daemon = await startDaemon({ config: greet(port, { instances: 300 }), prefix: ['prlimit', '--nofile=200:200'] });
    writeFileSync(daemon.pidFile, '1\n');
    const { found } = await examineRunning(daemon);
    expect(found.map(({ code }) => code)).toEqual(['session-limit', 'pidfile-stale']);
    expect(found[1]?.remedy).toContain(String(daemon.pid));
  });
});

describeWith({ root: true, programs: ['prlimit'] }, 'doctor as root', () => {
  test('a server that the user of its service cannot reach', async () => {
    const [port] = (await freePorts(1)) as [number];
    const folder = temporaryDirectory();
    const server = join(folder, 'server');
    writeFileSync(server, '#!/bin/sh\n', { mode: 0o755 });
    chmodSync(folder, 0o700);
    const file = written(greet(port, { server, user: 'nobody' }));
    const { found } = await examine(file);
    expect(found).toMatchObject([{ code: 'server-barred' }]);
    expect(found[0]?.problem).toContain(`no permission to enter ${folder}`);
  });
});
