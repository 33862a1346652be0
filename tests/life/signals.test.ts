import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { superd } from './background.js';
import { reload } from './reloading.js';

const ours = { superdOnly: 'the messages are those of superd' };

const greet = (port: number) => serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' });
const hold = (port: number) => serviceBlock('hold', { port, server: fixture('greet-then-hold.sh') });

async function openSession(port: number): Promise<{ session: Connection; pid: number }> {
  const session = await Connection.open({ port });
  return { session, pid: Number(/hello (\d+)/.exec(await session.waitForText(/hello \d+\n/))![1]) };
}

describeWith(ours, 'TSTP', () => {
  test('stops superd in the foreground, as Ctrl-Z stops any program', async () => {
    const port = await freePort();
    // The kernel ignores TSTP in an orphaned process group, so this group is below that of the test.
    const group = ['python3', '-c', 'import os, sys; os.setpgid(0, 0); os.execvp(sys.argv[1], sys.argv[1:])'];
    const daemon = await startDaemon({ config: greet(port), prefix: group });
    daemon.signal('SIGTSTP');
    await waitFor('it to stop', () => processFacts(daemon.pid)?.state === 'T');
    const answer = ask({ port });
    daemon.signal('SIGCONT');
    expect(await answer).toBe('hello\n');
  });
});

describeWith(ours, 'TERM', () => {
  test('ends servers, also those that are starting, and a second TERM changes nothing', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port) });
    const { session } = await openSession(port);
    const more = await Promise.all(Array.from({ length: 30 }, () => Connection.open({ port })));
    daemon.signal('SIGTERM');
    daemon.signal('SIGTERM');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    for (const one of [session, ...more]) expect(await one.waitForEnd()).toBeTruthy();
    const [started, ended] = [/^START/, /^EXIT/].map((pattern) => daemon.entries().filter((line) => pattern.test(line)).length);
    expect(ended).toBe(started);
    // All ended by TERM: none had to be killed after five seconds.
    expect(daemon.entries().filter((line) => /^EXIT/.test(line) && !/signal=15/.test(line))).toEqual([]);
  });

  test('kills a server that ignores TERM after five seconds', async () => {
    const port = await freePort();
    const server = join(temporaryDirectory(), 'stubborn');
    writeFileSync(server, '#!/bin/sh\ntrap "" TERM\necho "hello $$"\nwhile :; do sleep 1; done\n', { mode: 0o755 });
    const daemon = await startDaemon({ config: serviceBlock('stubborn', { port, server }) });
    const { pid } = await openSession(port);
    daemon.signal('SIGTERM');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(processFacts(pid)).toBe(null);
  });

  test('ends superd while a reload waits for a server to end', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const server = join(temporaryDirectory(), 'stubborn');
    writeFileSync(server, '#!/bin/sh\ntrap "" TERM\necho "hello $$"\nwhile :; do sleep 1; done\n', { mode: 0o755 });
    const daemon = await startDaemon({ config: serviceBlock('stubborn', { port, server }) + greet(other) });
    const { pid } = await openSession(port);
    writeFileSync(daemon.configFile, greet(other));
    daemon.signal('SIGHUP');
    await waitFor('the service to be closed', async () => (await knock({ port })) === 'refused');
    daemon.signal('SIGTERM');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(processFacts(pid)).toBe(null);
  });
});

describeWith(ours, 'QUIT', () => {
  test('does not end the servers', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port) });
    const { session, pid } = await openSession(port);
    daemon.signal('SIGQUIT');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(await knock({ port })).toBe('refused');
    expect(processFacts(pid)?.state).toMatch(/[SR]/);
    expect(session.ending).toBe(null);
    session.end();
    await waitFor('the server to end with its client', () => processFacts(pid) === null);
  });

  test('lets servers that are starting start', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port) });
    const callers = await Promise.all(Array.from({ length: 20 }, () => Connection.open({ port })));
    await Promise.all(callers.slice(0, 1).map((one) => one.waitForText(/hello/)));
    daemon.signal('SIGQUIT');
    await within('the end', daemon.exited);
    const started = daemon.entries().filter((line) => line.startsWith('START')).length;
    for (const one of callers) one.end();
    await waitFor('every client to end', () => callers.every(({ ending }) => ending !== null));
    expect(callers.filter(({ text }) => /hello/.test(text))).toHaveLength(started);
  });
});

describeWith({ ...ours, programs: ['ss'] }, 'USR1', () => {
  async function dumping(dump: string) {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port), args: ['--dump', dump] });
    return { port, daemon };
  }

  test("appends the state in xinetd's layout", async () => {
    const dump = join(temporaryDirectory(), 'dump');
    const { port, daemon } = await dumping(dump);
    const { pid } = await openSession(port);
    // It may greet its client before superd knows that it runs.
    await daemon.waitForEntry(/^START: hold/);
    daemon.signal('SIGUSR1');
    await daemon.waitForWords(/generated state dump in file/);
    const text = readFileSync(dump, 'utf8');
    const expected = [
      'INTERNAL STATE DUMP: ',
      'Current time: ',
      'Services + defaults:',
      'Service = hold',
      '\tState = Active',
      '\tService configuration: hold',
      '\t\tid = hold',
      '\t\tProtocol (name,number) = (tcp,6)',
      `\t\tport = ${port}`,
      '\t\twait = no',
      '\trunning servers = 1',
      'Server table dump:',
      'hold server',
      `pid = ${pid}`,
      '\tremote_address = 127.0.0.1,',
      'Retry table dump:',
      'active_services = 1',
      'available_services = 1',
      'running_servers = 1',
      `config_file = ${daemon.configFile}`,
      'END OF DUMP',
    ];
    expect(expected.filter((line) => !text.split('\n').some((one) => one.startsWith(line)))).toEqual([]);
    daemon.signal('SIGUSR1');
    await waitFor('the second dump', () => readFileSync(dump, 'utf8').match(/END OF DUMP/g)?.length === 2);
    expect(readFileSync(dump, 'utf8').startsWith(text)).toBe(true);
  });

  test('follows no link and does not wait for the reader of a FIFO', async () => {
    const directory = temporaryDirectory();
    const [victim, dump] = [join(directory, 'victim'), join(directory, 'dump')];
    writeFileSync(victim, 'precious\n');
    symlinkSync(victim, dump);
    const { port, daemon } = await dumping(dump);
    daemon.signal('SIGUSR1');
    await daemon.waitForWords(/state dump: /);
    expect(readFileSync(victim, 'utf8')).toBe('precious\n');
    await run('sh', ['-c', `rm ${dump} && mkfifo ${dump}`]);
    daemon.signal('SIGUSR1');
    await waitFor('the second refusal', () => (daemon.words.match(/state dump: /g)?.length ?? 0) >= 2);
    await openSession(port);
  });

  test.each([0, 10, 20, 30, 40, 60, 100])('never opens a debugger, also %i ms after the start', async (delay) => {
    const directory = temporaryDirectory();
    const port = await freePort();
    writeFileSync(join(directory, 'conf'), greet(port));
    const files = ['--config', join(directory, 'conf'), '--dump', join(directory, 'dump'), '--state', join(directory, 'state')];
    const args = ['--foreground', ...files, '--control', 'none'];
    const child = spawn(superd, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let words = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (words += chunk));
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGUSR1');
    await waitFor('superd to be ready, or gone', () => /superd: ready/.test(words) || child.exitCode !== null || child.signalCode !== null);
    child.kill('SIGUSR1');
    expect(words).not.toMatch(/Debugger listening/);
    const listening = await run('ss', ['-Hltnp']);
    const sockets = listening.stdout.split('\n').filter((line) => line.includes(`pid=${child.pid},`));
    expect(sockets.filter((line) => !line.includes(`:${port} `))).toEqual([]);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await within('the end', exited);
  });
});

describeWith(ours, 'ABRT', () => {
  test('checks consistency with sessions, after a reload and after cps has closed a service', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const burst = serviceBlock('burst', { port: other, server: '/bin/echo', cps: [1, 60] });
    const daemon = await startDaemon({ config: hold(port) + burst });
    const passed = async (times: number) => {
      daemon.signal('SIGABRT');
      await waitFor('the check', () => (daemon.words.match(/Consistency check/g)?.length ?? 0) >= times);
      expect(daemon.words.match(/Consistency check passed/g)).toHaveLength(times);
    };
    await passed(1);
    const { session } = await openSession(port);
    await passed(2);
    await reload(daemon, hold(port) + burst);
    await waitFor('cps to close it', async () => /paused/.test(daemon.words) || void (await knock({ port: other })));
    await passed(3);
    session.close();
    await daemon.waitForEntry(/^EXIT: hold/);
    await passed(4);
  });

  test('is not needed for the periodic check, which is silent without a mistake', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port), args: ['-cc', '1'] });
    const since = performance.now();
    await waitFor('the time of a check', () => performance.now() - since > 1_200);
    expect(daemon.words).not.toMatch(/Consistency check/);
  });
});

describeWith(ours, 'signals of a terminal', () => {
  test('INT ends superd in the foreground, servers first', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: hold(port) });
    const { pid } = await openSession(port);
    daemon.signal('SIGINT');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(processFacts(pid)).toBe(null);
    expect(existsSync(daemon.pidFile)).toBe(false);
  });

  test.each<NodeJS.Signals>(['SIGPIPE', 'SIGALRM', 'SIGWINCH', 'SIGTTIN', 'SIGTTOU', 'SIGCONT', 'SIGIO', 'SIGVTALRM'])(
    '%s is passed over',
    async (signal) => {
      const port = await freePort();
      const daemon = await startDaemon({ config: greet(port) });
      daemon.signal(signal);
      expect(await ask({ port })).toBe('hello\n');
      expect(daemon.running).toBe(true);
    },
  );
});
