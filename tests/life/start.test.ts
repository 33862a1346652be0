import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, knock } from '../support/client.js';
import { freePort } from '../support/ports.js';
import { descendantsOf, descriptorsOf, isPending, isSameProcess, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { askSelf, reporter } from '../support/self-report.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { daemonOf, endDaemon, startInBackground, superd } from './background.js';

const here = { superdOnly: "xinetd's starter does not wait" };

async function greeting(): Promise<{ port: number; config: string }> {
  const port = await freePort();
  return { port, config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }) };
}

async function squatter(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

describeWith(here, 'a start into the background', () => {
  test('returns 0 when clients are served, and not before', async () => {
    const { port, config } = await greeting();
    const { code, stderr, stdout } = await startInBackground(config);
    expect(await ask({ port })).toBe('hello\n');
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: '' });
  });

  test('starts a daemon in a new session, in /, with its first descriptors on /dev/null and none of the starter', async () => {
    const { config } = await greeting();
    const directory = temporaryDirectory();
    const shell = ['sh', '-c', 'exec 9>nine 5</dev/zero; exec "$@"', 'sh'];
    const { pidFile, stderr } = await startInBackground(config, [], { directory, prefix: shell });
    const { pid } = daemonOf(pidFile);
    expect(stderr).toBe('');
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
    expect(status.slice(2, 5)).toEqual([String(pid), String(pid), '0']);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
    const open = descriptorsOf(pid);
    expect([0, 1, 2].map((fd) => open.get(fd))).toEqual(['/dev/null', '/dev/null', '/dev/null']);
    expect([...open.values()].filter((target) => target === '/dev/zero' || target.endsWith('/nine'))).toEqual([]);
  });

  test('is not blocked by a reader of its output', async () => {
    const { config } = await greeting();
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'superd.conf'), config);
    const args = [
      '--config',
      join(directory, 'superd.conf'),
      '--pidfile',
      join(directory, 'superd.pid'),
      '--state',
      join(directory, 'state'),
    ];
    // `run` returns when the last writer of its pipes is gone.
    const { code } = await run('sh', ['-c', '"$@" | cat; exit 0', 'sh', superd, ...args, '--log-file', join(directory, 'log')]);
    expect(code).toBe(0);
    const daemon = daemonOf(join(directory, 'superd.pid'));
    process.kill(daemon.pid, 'SIGTERM');
    await waitFor('its end', () => !isSameProcess(daemon));
  });

  test('is not ended by signals of a terminal or an alarm', async () => {
    const { port, config } = await greeting();
    const { pidFile } = await startInBackground(config);
    const daemon = daemonOf(pidFile);
    process.kill(daemon.pid, 'SIGINT');
    process.kill(daemon.pid, 'SIGTSTP');
    process.kill(daemon.pid, 'SIGWINCH');
    process.kill(daemon.pid, 'SIGALRM');
    process.kill(daemon.pid, 'SIGPIPE');
    expect(await ask({ port })).toBe('hello\n');
    expect(isSameProcess(daemon)).toBe(true);
  });

  test('survives the end of the terminal that it was started from', async () => {
    const { port, config } = await greeting();
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'c'), config);
    const command = `${superd} --config c --pidfile superd.pid --log-file l --state s; kill -HUP 0`;
    onTestFinished(() => endDaemon(join(directory, 'superd.pid')));
    await run('script', ['-qec', command, '/dev/null'], { cwd: directory });
    expect(await ask({ port })).toBe('hello\n');
  });

  test('resolves paths from the directory of the starter', async () => {
    const { port, config } = await greeting();
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'c'), config);
    const args = ['--config', 'c', '--pidfile', 'p', '--log-file', 'l', '--dump', 'd', '--state', 's'];
    expect((await run(superd, args, { cwd: directory })).code).toBe(0);
    const daemon = daemonOf(join(directory, 'p'));
    expect(await ask({ port })).toBe('hello\n');
    process.kill(daemon.pid, 'SIGUSR1');
    await waitFor('the dump', () => existsSync(join(directory, 'd')) && readFileSync(join(directory, 'd'), 'utf8').includes('END OF DUMP'));
    process.kill(daemon.pid, 'SIGTERM');
    await waitFor('its end', () => !isSameProcess(daemon));
    expect(existsSync(join(directory, 'p'))).toBe(false);
    expect(readFileSync(join(directory, 'l'), 'utf8')).toContain('Exiting...');
  });
});

describeWith(here, 'a start that fails', () => {
  test('without a configuration: 100, and reports it', async () => {
    const { code, stderr, pidFile } = await startInBackground(null);
    expect(code).toBe(100);
    expect(stderr).toMatch(/superd\.conf/);
    expect(existsSync(pidFile)).toBe(false);
  });

  test('because the only service has a mistake: 100, with the place', async () => {
    const { config } = await greeting();
    const { code, stderr } = await startInBackground(config.replace('stream', 'steam'));
    expect(code).toBe(100);
    expect(stderr).toMatch(/superd\.conf:\d+: .*steam/);
  });

  test('because the port of the only service is taken: 100, with the port', async () => {
    const port = await squatter();
    const { code, stderr, pidFile } = await startInBackground(serviceBlock('late', { port, server: '/bin/echo' }));
    expect(code).toBe(100);
    expect(stderr).toMatch(new RegExp(`late.*${port}.*EADDRINUSE`));
    expect(existsSync(pidFile)).toBe(false);
  });

  test('does not touch the pidfile of the daemon that has the port', async () => {
    const { port, config } = await greeting();
    const first = await startInBackground(config);
    const before = readFileSync(first.pidFile, 'latin1');
    expect((await startInBackground(config, [], { directory: first.directory })).code).toBe(100);
    expect(readFileSync(first.pidFile, 'latin1')).toBe(before);
    expect(await ask({ port })).toBe('hello\n');
  });

  test.each([
    ['a positional argument', ['extra']],
    ['an option without its value', ['--config']],
    ['an unknown option', ['--unheard-of']],
    ['a limit that is not a number', ['--limit', 'many']],
    ['an unknown facility', ['--syslog', 'weather']],
    ['two logs', ['--log-file', '/dev/null', '--syslog', 'daemon']],
  ])('for %s: 100, and 1 with options of xinetd', async (_, args) => {
    const ours = await run(superd, args);
    expect(ours.code).toBe(100);
    expect(ours.stderr).toMatch(/^superd: /);
    expect((await run(superd, ['-dontfork', ...args])).code).toBe(1);
  });

  test('without a configuration: 1 with options of xinetd', async () => {
    expect((await run(superd, ['-f', '/nonexistent/xinetd.conf', '-pidfile', '/nonexistent/pid'])).code).toBe(1);
  });
});

describeWith(here, 'options of xinetd', () => {
  test('-version goes to standard error', async () => {
    const { code, stdout, stderr } = await run(superd, ['-version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^superd \d+\.\d+/);
  });

  test('that are unknown are ignored with a warning', async () => {
    const { port, config } = await greeting();
    const { code, stderr, log } = await startInBackground(config, ['-inetd_ipv6', '-nonesuch', '-reuse', '-logprocs', '3']);
    expect(code).toBe(0);
    expect(stderr).toContain('-nonesuch');
    expect(readFileSync(log, 'utf8')).toContain('-nonesuch');
    expect(await ask({ port })).toBe('hello\n');
  });

  test('-stayalive runs without services, and a reload adds them', async () => {
    const { port, config } = await greeting();
    const { code, pidFile, directory } = await startInBackground('defaults\n{\n}\n', ['-stayalive']);
    expect(code).toBe(0);
    writeFileSync(join(directory, 'superd.conf'), config);
    process.kill(daemonOf(pidFile).pid, 'SIGHUP');
    await waitFor('the service', async () => (await knock({ port })) === 'hello\n');
  });

  test('without -stayalive a configuration without services is an error: 1', async () => {
    const { code, stderr } = await startInBackground('defaults\n{\n}\n', ['-limit', '5']);
    expect(code).toBe(1);
    expect(stderr).toContain('no service');
  });
});

describeWith({ ...here, programs: ['gcc'] }, 'a server of a daemon in the background', () => {
  test('has its connection and no other descriptor of superd', async () => {
    const port = await freePort();
    await startInBackground(serviceBlock('self', { port, server: reporter() }));
    const report = await askSelf({ port });
    expect(report.descriptors).toHaveLength(3);
    expect(report.terminal).toBe(false);
    expect(report.cwd).toBe('/');
    expect(report.environment.filter((entry) => /^(SUPERD_|NODE_|LISTEN_|NOTIFY_)/.test(entry))).toEqual([]);
  });
});

describeWith(here, 'the pidfile', () => {
  test('replaces a link: superd does not follow it', async () => {
    const { config } = await greeting();
    const directory = temporaryDirectory();
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious\n');
    symlinkSync(victim, join(directory, 'superd.pid'));
    const { code, pidFile } = await startInBackground(config, [], { directory });
    expect(code).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('precious\n');
    expect(daemonOf(pidFile).pid).toBeGreaterThan(1);
  });

  test('of another daemon is not removed at the end', async () => {
    const { config } = await greeting();
    const { pidFile } = await startInBackground(config);
    const daemon = daemonOf(pidFile);
    writeFileSync(pidFile, '1\n');
    process.kill(daemon.pid, 'SIGTERM');
    await waitFor('its end', () => !isSameProcess(daemon));
    expect(readFileSync(pidFile, 'latin1')).toBe('1\n');
    writeFileSync(pidFile, '0\n');
  });
});

/** Takes superd some seconds to read, on a fast machine about one. */
const MANY_SERVICES = 8000;

describeWith(here, 'a start that gets SIGTERM', () => {
  test('ends the daemon that is starting, and does not exit with 0', async () => {
    const directory = temporaryDirectory();
    const conf = join(directory, 'conf');
    const { config } = await greeting();
    // superd reads this for a second or longer, so the signal arrives before it is ready.
    writeFileSync(conf, config + serviceBlock('idle', { port: 1, server: '/bin/cat', disable: 'yes' }).repeat(MANY_SERVICES));
    const args = ['--config', conf, '--log-file', join(directory, 'log'), '--state', join(directory, 'state')];
    const child = spawn(superd, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const background = await waitFor('its background', () => existsSync(join(directory, 'log')) && descendantsOf(child.pid!)[0]);
    onTestFinished(() => killProcess(background));
    // Stopped while it reads, it leaves a signal pending, so the test sees when the starter has passed it on.
    process.kill(background.pid, 'SIGSTOP');
    child.kill('SIGTERM');
    await waitFor('SIGTERM to reach the background', () => isPending('SIGTERM', background.pid));
    process.kill(background.pid, 'SIGCONT');
    await waitFor('SIGTERM to be taken', () => !isPending('SIGTERM', background.pid));
    const [code] = (await exited) as [number];
    expect(code).toBe(111);
    expect(isSameProcess(background)).toBe(false);
  });
});
