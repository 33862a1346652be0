import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { descendantsOf, descriptorsOf, isSameProcess, killProcess, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

function greeting(port: number): string {
  return serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' });
}

describeWith({}, 'the daemon', () => {
  test('writes its pid and a newline to the pidfile', async () => {
    const daemon = await startDaemon({ config: greeting(await freePort()) });
    expect(readFileSync(daemon.pidFile, 'latin1')).toBe(`${daemon.pid}\n`);
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGQUIT'])('stops listening, removes the pidfile and exits 0 on %s', async (signal) => {
    const port = await freePort();
    const daemon = await startDaemon({ config: greeting(port) });
    expect(await ask({ port })).toBe('hello\n');
    daemon.signal(signal);
    expect(await within('the daemon to end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(await knock({ port })).toBe('refused');
    expect(existsSync(daemon.pidFile)).toBe(false);
  });

  test('can be started again immediately on the same ports', async () => {
    const port = await freePort();
    for (let i = 0; i < 3; i++) {
      const daemon = await startDaemon({ config: greeting(port) });
      expect(await ask({ port })).toBe('hello\n');
      await daemon.stop();
    }
  });

  test('starts the other services when the port of one is taken, and reports it', async () => {
    const [taken, free] = (await freePorts(2)) as [number, number];
    const squatter = createServer();
    onTestFinished(() => void squatter.close());
    squatter.listen(taken, '127.0.0.1');
    await once(squatter, 'listening');
    const daemon = await startDaemon({
      config: serviceBlock('late', { port: taken, server: '/bin/echo' }) + greeting(free),
    });
    expect(await ask({ port: free })).toBe('hello\n');
    await daemon.waitForWords(/late[\s\S]*address already in use|address already in use[\s\S]*late/i);
  });

  test('starts the other services when one has a mistake, and reports where', async () => {
    const [wrong, right] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({
      config: serviceBlock('wrong', { port: wrong, server: '/bin/echo', instances: 'many' }) + greeting(right),
    });
    expect(await ask({ port: right })).toBe('hello\n');
    expect(await knock({ port: wrong })).toBe('refused');
    await daemon.waitForWords(/instances/);
    expect(daemon.words).toContain('daemon.conf');
  });

  test('serves clients that connect the moment it is ready', async () => {
    const port = await freePort();
    await startDaemon({ config: greeting(port) });
    expect(await Promise.all([ask({ port }), ask({ port }), ask({ port })])).toEqual(['hello\n', 'hello\n', 'hello\n']);
  });
});

/** A daemon with one session. */
async function withSession(server: string) {
  const port = await freePort();
  const daemon = await startDaemon({ config: serviceBlock('hold', { port, server: fixture(server) }) });
  const connection = await Connection.open({ port });
  await connection.waitForText(/^hello/);
  const servers = descendantsOf(daemon.pid);
  return { daemon, connection, servers };
}

describeWith({ superdOnly: 'xinetd does not end them' }, 'the servers of a daemon that gets SIGTERM', () => {
  test('end before it ends, and their end is logged', async () => {
    const { daemon, connection, servers } = await withSession('greet-then-hold.sh');
    daemon.signal('SIGTERM');
    expect(await within('the daemon to end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(servers.filter(isSameProcess)).toEqual([]);
    expect(await connection.waitForEnd()).toBe('end');
    expect(daemon.entries().at(-1)).toMatch(/^EXIT: hold signal=15 pid=\d+ duration=\d+\(sec\)$/);
  });

  test('are killed with every process they started when they ignore SIGTERM', async () => {
    const { daemon, connection, servers } = await withSession('ignore-term.sh');
    expect(servers.length).toBeGreaterThan(0);
    daemon.signal('SIGTERM');
    expect(await within('the daemon to end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(servers.filter(isSameProcess)).toEqual([]);
    expect(await connection.waitForEnd()).toBe('end');
  });
});

describeWith({}, 'the servers of a daemon that gets SIGQUIT', () => {
  test('continue to serve their clients', async () => {
    const { daemon, connection, servers } = await withSession('greet-then-hold.sh');
    daemon.signal('SIGQUIT');
    expect(await within('the daemon to end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(servers.filter(isSameProcess).length).toBe(1);
    connection.end();
    expect(await connection.waitForEnd()).toBe('end');
    await waitFor('the server to end', () => servers.filter(isSameProcess).length === 0);
  });
});

describeWith({ superdOnly: 'xinetd returns before it has read its configuration' }, 'a superd started in the background', () => {
  const superd = new URL('../../bin/superd', import.meta.url).pathname;

  test('returns when clients are served, and resolves relative paths although it runs in /', async () => {
    const directory = temporaryDirectory();
    const port = await freePort();
    writeFileSync(join(directory, 'greet.conf'), greeting(port));
    const files = [
      '--config',
      'greet.conf',
      '--pidfile',
      'superd.pid',
      '--log-file',
      'superd.log',
      '--dump',
      'superd.dump',
      '--state',
      temporaryDirectory(),
    ];
    const started = await run(superd, files, { cwd: directory });
    expect(started).toMatchObject({ code: 0, stderr: '' });
    const daemon = processFacts(Number(readFileSync(join(directory, 'superd.pid'), 'latin1')))!;
    onTestFinished(() => killProcess(daemon));
    expect(await ask({ port })).toBe('hello\n');
    expect(readlinkSync(`/proc/${daemon.pid}/cwd`)).toBe('/');
    expect([0, 1, 2].map((fd) => descriptorsOf(daemon.pid).get(fd))).toEqual(['/dev/null', '/dev/null', '/dev/null']);
    process.kill(daemon.pid, 'SIGUSR1');
    await waitFor('the state', () => existsSync(join(directory, 'superd.dump')));
    process.kill(daemon.pid, 'SIGTERM');
    await waitFor('it to end', () => !isSameProcess(daemon));
    expect(readdirSync(directory).sort()).toEqual(['greet.conf', 'superd.dump', 'superd.log']);
  });

  test('reports what keeps it from starting, and fails', async () => {
    const directory = temporaryDirectory();
    const files = ['--config', 'missing.conf', '--pidfile', 'superd.pid', '--state', temporaryDirectory()];
    const { code, stderr } = await run(superd, files, { cwd: directory });
    expect(code).toBe(100);
    expect(stderr).toContain('missing.conf');
    expect(readdirSync(directory)).toEqual([]);
  });
});
