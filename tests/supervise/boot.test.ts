import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reload } from '../life/reloading.js';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { isSameProcess, killProcess, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, runningProcess, storyOf, waitForStory, waitUntilUp } from '../support/resident.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

const ours = { superdOnly: 'xinetd has no resident daemons' };
const sleeper = { server: '/bin/sleep', server_args: '1000' };
const shell = (script: string) => ({ server: '/bin/sh', server_args: `-c "${script}"` });
const numberIn = (path: string) => Number(readFileSync(path, 'latin1'));

describeWith(ours, 'a resident daemon', () => {
  test('starts with superd, restarts when it is killed, and ends with superd', async () => {
    const daemon = await startDaemon({ config: residentBlock('one', sleeper) });
    const first = await waitUntilUp(daemon, 'one');
    killProcess(first);
    const second = await waitUntilUp(daemon, 'one', first);
    expect(storyOf(daemon, 'one').some((line) => line.startsWith('cleaning-up signal 9'))).toBe(true);
    daemon.signal('SIGTERM');
    expect(await within('superd to end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(isSameProcess(second)).toBe(false);
  });

  test('that exits at once is started again after growing delays, and is left alone after restart_max failures', async () => {
    const config = residentBlock('broken', { ...shell('exit 3'), restart_delay: '10ms', restart_max: 4 });
    const daemon = await startDaemon({ config });
    await waitForStory(daemon, 'broken', /^crash-looping exit 3 .*4 failures in a row: tried again in/);
    expect(storyOf(daemon, 'broken').filter((line) => line.startsWith('starting')).length).toBe(5);
  });

  test('with restart_delay = 0 always restarts at once', async () => {
    const counter = join(temporaryDirectory(), 'count');
    const daemon = await startDaemon({ config: residentBlock('loop', { ...shell(`echo >> ${counter}; exit 1`), restart_delay: 0 }) });
    await waitFor('fifty starts', () => existsSync(counter) && readFileSync(counter).length > 50);
    expect(storyOf(daemon, 'loop').filter((line) => line.startsWith('backoff') || line.startsWith('crash-looping'))).toEqual([]);
  });

  test.each([
    ['never', 'exit 0', /^exited exit 0/],
    ['never', 'exit 1', /^failed exit 1/],
    ['on-failure', 'exit 0', /^exited exit 0/],
    ['on-failure 4', 'exit 4', /^exited exit 4/],
  ])('with restart = %s does not restart after «%s»', async (restart, script, end) => {
    const daemon = await startDaemon({ config: residentBlock('once', { ...shell(script), restart }) + residentBlock('other', sleeper) });
    await waitForStory(daemon, 'once', end);
    await waitUntilUp(daemon, 'other');
    expect(storyOf(daemon, 'once').filter((line) => line.startsWith('starting')).length).toBe(1);
  });

  test('writes the output of all replicas to one file, and each replica knows its index', async () => {
    const daemon = await startDaemon({
      config: residentBlock('pair', { ...shell('echo $SUPERD_REPLICA %i $MINE; exec sleep 1000'), env: 'MINE=no%i', replicas: 2 }),
    });
    await waitUntilUp(daemon, 'pair/0');
    const log = join(daemon.directory, 'state/log/pair.log');
    await waitFor('both', () => existsSync(log) && readFileSync(log, 'utf8').split('\n').length === 3);
    expect(readFileSync(log, 'utf8').split('\n').sort()).toEqual(['', '0 0 no0', '1 1 no1']);
  });

  test('writes to the log of superd with output = log', async () => {
    const talker = shell('echo fine; echo trouble >&2; exec sleep 1000');
    const daemon = await startDaemon({ config: residentBlock('talks', { ...talker, output: 'log', stderr: 'log' }) });
    await waitForStory(daemon, 'talks', /^stdout fine$/);
    await waitForStory(daemon, 'talks', /^stderr trouble$/);
  });

  test('that goes into the background is followed by its pidfile, kept alive and ended', async () => {
    const pidfile = join(temporaryDirectory(), 'pid');
    const daemon = await startDaemon({
      config: residentBlock('away', { server: fixture('double-fork.py'), server_args: pidfile, pidfile }),
    });
    const first = await waitUntilUp(daemon, 'away');
    expect(first.pid).toBe(numberIn(pidfile));
    killProcess(first);
    const second = await waitUntilUp(daemon, 'away', first);
    await daemon.stop();
    expect(isSameProcess(second)).toBe(false);
  });

  test('that refuses to start while the process in its pidfile exists starts after that process is reaped', async () => {
    const directory = temporaryDirectory();
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const block = (name: string) => {
      const [server, pidfile] = [join(directory, name), join(directory, `${name}.pid`)];
      const lines = [`kill -0 $(cat ${pidfile}) && exit 7`, `setsid sh -c 'echo $$ >${pidfile}; exec sleep 1000' &`, 'exit 0'];
      writeFileSync(server, `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o755 });
      return residentBlock(name, { server, pidfile, ready: 'pidfile', output: 'null' });
    };
    const daemon = await startDaemon({ config: names.map(block).join('') });
    const first = await Promise.all(names.map((name) => waitUntilUp(daemon, name)));
    for (const one of first) killProcess(one);
    await Promise.all(names.map((name, i) => waitUntilUp(daemon, name, first[i])));
    expect(daemon.words).not.toContain('exit 7');
  });

  test('is not ready by a pidfile that others may write or that names a process of another', async () => {
    const directory = temporaryDirectory();
    const open = join(directory, 'open');
    const strange = join(directory, 'strange');
    // The mode comes first: superd would trust the file if it saw it for a moment as root's own.
    const write = (path: string, pid: string, mode: string) =>
      shell(`sleep 1000 & : > ${path}; chmod ${mode} ${path}; echo ${pid} > ${path}; exit 0`);
    const rules = { ready_timeout: '300ms', restart: 'never', stop_timeout: '1s' };
    const daemon = await startDaemon({
      config:
        residentBlock('open', { ...write(open, '$!', '666'), pidfile: open, ...rules }) +
        residentBlock('strange', { ...write(strange, String(process.pid), '644'), pidfile: strange, ...rules }),
    });
    await waitForStory(daemon, 'open', /^failed not ready/);
    await waitForStory(daemon, 'strange', /^failed not ready/);
  });

  test('that ignores SIGTERM is killed, and so are the processes that it left in other sessions', async () => {
    const pidfile = join(temporaryDirectory(), 'pid');
    const config = residentBlock('messy', { server: fixture('leave-behind.py'), server_args: pidfile, stop_timeout: '300ms' });
    const daemon = await startDaemon({
      config: config + residentBlock('deaf', { server: fixture('stay-deaf.sh'), stop_timeout: '300ms' }),
    });
    await waitFor('both', () => existsSync(pidfile));
    const left = processFacts(numberIn(`${pidfile}.child`))!;
    const deaf = await waitUntilUp(daemon, 'deaf');
    expect(isSameProcess(left)).toBe(true);
    daemon.signal('SIGTERM');
    await within('superd to end', daemon.exited);
    expect([left, deaf].map(isSameProcess)).toEqual([false, false]);
  });

  test('restarts only when none of its processes is left', async () => {
    const pidfile = join(temporaryDirectory(), 'pid');
    const daemon = await startDaemon({
      config: residentBlock('messy', { server: fixture('leave-behind.py'), server_args: pidfile, stop_timeout: '200ms' }),
    });
    await waitFor('it', () => existsSync(pidfile));
    const left = processFacts(numberIn(`${pidfile}.child`))!;
    const first = await waitUntilUp(daemon, 'messy');
    killProcess(first);
    await waitUntilUp(daemon, 'messy', first);
    expect(isSameProcess(left)).toBe(false);
  });
});

describeWith(ours, 'daemons that start after others', () => {
  test('start when the others are ready, and end before them', async () => {
    const log = join(temporaryDirectory(), 'log');
    const write = (name: string, before = '') =>
      shell(`trap 'echo ${name} ends >> ${log}; exit 0' TERM; ${before} echo ${name} >> ${log}; echo >&3; while :; do sleep 0.05; done`);
    const daemon = await startDaemon({
      config:
        residentBlock('web', { ...write('web'), ready: 'fd 3', needs: 'db', after: 'cache' }) +
        residentBlock('db', { ...write('db', 'sleep 0.3;'), ready: 'fd 3', wants: 'disk' }) +
        residentBlock('cache', { ...write('cache', 'sleep 0.1;'), ready: 'fd 3' }) +
        residentBlock('disk', { ...write('disk'), ready: 'fd 3' }),
    });
    await waitUntilUp(daemon, 'web');
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual(['disk', 'cache', 'db', 'web']);
    daemon.signal('SIGTERM');
    await within('superd to end', daemon.exited);
    const ends = readFileSync(log, 'utf8').trim().split('\n').slice(4);
    expect(ends[0]).toBe('web ends');
    expect(ends.indexOf('db ends')).toBeLessThan(ends.indexOf('disk ends'));
  });

  test('wait for what they need; with after alone, they start when the other has failed', async () => {
    const daemon = await startDaemon({
      config:
        residentBlock('bad', { ...shell('exit 1'), ready: 'fd 3', restart: 'never' }) +
        residentBlock('needing', { ...sleeper, needs: 'bad' }) +
        residentBlock('behind', { ...sleeper, after: 'bad' }),
    });
    await waitUntilUp(daemon, 'behind');
    expect(storyOf(daemon, 'needing')).toEqual(['waiting']);
  });
});

describeWith(ours, 'readiness', () => {
  test('comes by sd_notify from the daemon only, and the log shows its status', async () => {
    const script = fixture('notify.py');
    const rules = { server: script, ready: 'notify', restart: 'never', stop_timeout: '1s' };
    const daemon = await startDaemon({
      config:
        residentBlock('tells', { ...rules, server_args: 'STATUS=warm READY=1' }) +
        residentBlock('silent', { ...rules, server_args: 'STATUS=cold', ready_timeout: '5s' }) +
        residentBlock('parent', { ...rules, server_args: 'as-child:READY=1' }) +
        residentBlock('quiet', { ...rules, server_args: 'to:tells:STATUS=cold to:neighbour:READY=1 STATUS=tried', ready_timeout: '5s' }) +
        residentBlock('neighbour', { ...rules, server_args: 'STATUS=cold', ready_timeout: '5s' }) +
        residentBlock('liar', { ...rules, server_args: 'MAINPID=1 MAINPID=abc MAINPID=999999999 =x garbage READY=1 MAINPID=1' }),
    });
    await waitUntilUp(daemon, 'tells');
    const liar = await waitUntilUp(daemon, 'liar');
    await waitForStory(daemon, 'silent', /^failed not ready after 5s; it says: cold/);
    await waitUntilUp(daemon, 'parent');
    await waitForStory(daemon, 'quiet', /^failed not ready after 5s; it says: tried/);
    await waitForStory(daemon, 'neighbour', /^failed not ready after 5s; it says: cold/);
    expect(isSameProcess(liar)).toBe(true);
    killProcess(liar);
    await waitForStory(daemon, 'liar', /^failed signal 9/);
  });

  test('comes by a port, an HTTP response or a command', async () => {
    const port = await freePort();
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'page'), 'hello');
    const python = { server: '/usr/bin/python3', server_args: `-m http.server --bind 127.0.0.1 --directory ${directory} ${port}` };
    const flag = join(directory, 'flag');
    const daemon = await startDaemon({
      config:
        residentBlock('server', { ...python, ready: `http http://127.0.0.1:${port}/page`, output: 'null' }) +
        residentBlock('other', { ...sleeper, ready: `port ${port}`, needs: 'server' }) +
        residentBlock('third', { ...sleeper, ready: `exec /usr/bin/test -e ${flag}`, after: 'other' }),
    });
    await waitUntilUp(daemon, 'other');
    expect(runningProcess(daemon, 'third')).toBe(null);
    writeFileSync(flag, '');
    await waitUntilUp(daemon, 'third');
  });
});

describeWith(ours, 'an unhealthy daemon', () => {
  test('restarts by its watchdog, by live and by memory_max', async () => {
    const flag = join(temporaryDirectory(), 'flag');
    writeFileSync(flag, '');
    const daemon = await startDaemon({
      config:
        residentBlock('pings', { server: fixture('notify.py'), server_args: 'ping:0.05', watchdog: '2s' }) +
        residentBlock('stops', { server: fixture('notify.py'), server_args: 'WATCHDOG=1', watchdog: '2s' }) +
        residentBlock('asked', { ...sleeper, live: `50ms exec /usr/bin/test -e ${flag}` }),
    });
    const pings = await waitUntilUp(daemon, 'pings');
    const asked = await waitUntilUp(daemon, 'asked');
    await waitForStory(daemon, 'stops', /^cleaning-up silent for 2s/);
    expect(isSameProcess(asked)).toBe(true);
    rmSync(flag);
    await waitForStory(daemon, 'asked', /^cleaning-up no answer to 3 probes/);
    expect(isSameProcess(pings)).toBe(true);
  });
});

describeWith(ours, 'a new configuration', () => {
  test('starts new daemons, ends dropped ones, and restarts only those that changed', async () => {
    const block = (name: string, seconds: number, more = {}) =>
      residentBlock(name, { server: '/bin/sleep', server_args: String(seconds), ...more });
    const daemon = await startDaemon({ config: block('same', 1000) + block('changed', 1000) + block('gone', 1000) + block('rules', 1000) });
    const [same, changed, gone, rules] = await Promise.all(['same', 'changed', 'gone', 'rules'].map((name) => waitUntilUp(daemon, name)));
    await reload(daemon, block('same', 1000) + block('changed', 2000) + block('fresh', 1000) + block('rules', 1000, { restart: 'never' }));
    await waitUntilUp(daemon, 'changed', changed);
    await waitUntilUp(daemon, 'fresh');
    await waitFor('the end of what is gone', () => !isSameProcess(gone!));
    expect([same, changed, rules].map((one) => isSameProcess(one!))).toEqual([true, false, true]);
    killProcess(rules!);
    await waitForStory(daemon, 'rules', /^failed signal 9/);
  });

  test('turns a resident daemon into a service on request and back by one attribute, on the same port', async () => {
    const port = await freePort();
    const script = fixture('either-way.py');
    const both = (activation: string) =>
      serviceBlock('both', { activation, port, server: script, server_args: String(port), ready: `port ${port}` });
    const daemon = await startDaemon({ config: both('request') });
    expect(await ask({ port })).toBe('on request\n');
    await reload(daemon, both('boot'));
    await waitUntilUp(daemon, 'both');
    expect(await ask({ port })).toBe('resident\n');
    await reload(daemon, both('request'));
    expect(await ask({ port })).toBe('on request\n');
  });
});
