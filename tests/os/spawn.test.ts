import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { getResourceLimit, setResourceLimit, signalToken } from '../../src/os/process.js';
import { descriptorsOf, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { program, shell, World } from './world.js';

const RLIMIT_NOFILE = 7;
const NOTHING = '0000000000000000';

test('a process has its own session, only descriptors 0 to 2, and no blocked or ignored signal', async () => {
  // Node itself ignores SIGPIPE.
  expect(/^SigIgn:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]).not.toBe(NOTHING);
  const report = await new World().report({});
  expect(report.pid).toBe(report.sid);
  expect(report.pid).toBe(report.pgid);
  expect(report.terminal).toBe(false);
  expect(report.descriptors.map(({ fd, closeOnExec }) => [fd, closeOnExec])).toEqual([0, 1, 2].map((fd) => [fd, false]));
  expect([report.SigBlk, report.SigIgn]).toEqual([NOTHING, NOTHING]);
});

test('the environment is exactly the given one, then the extra variables, then LISTEN_PID', async () => {
  const report = await new World().report({ environment: ['A=1', 'EMPTY='], listenPid: true }, ['REMOTE_HOST=127.0.0.1', 'É=ü']);
  expect(report.environment).toEqual(['A=1', 'EMPTY=', 'REMOTE_HOST=127.0.0.1', 'É=ü', `LISTEN_PID=${report.pid}`]);
});

test('argv, directory, umask, nice and limits are the requested ones', async () => {
  const report = await new World().report({
    argv: ['name', 'ä', ''],
    directory: '/usr',
    umask: 0o137,
    nice: 4,
    limits: [7, 55, 77, 0, 60, Number.POSITIVE_INFINITY, 4, 100, 200],
  });
  expect(report.argv).toEqual(['name', 'ä', '']);
  expect([report.cwd, report.umask, report.nice]).toEqual(['/usr', 0o137, 4]);
  expect([report.limits.files, report.limits.cpu, report.limits.core]).toEqual([
    [55, 77],
    [60, -1],
    [100, 200],
  ]);
});

test('without newSession a process stays in the session; NoNewPrivs is set only on request', async () => {
  const world = new World();
  const [plain, confined] = [await world.report({ newSession: false }), await world.report({ noNewPrivileges: true })];
  expect(plain.sid).not.toBe(plain.pid);
  expect([plain.NoNewPrivs, confined.NoNewPrivs]).toEqual(['0', '1']);
});

describeWith({ root: true }, 'credentials', () => {
  test('are exactly the given uids, gids and groups, without capabilities', async () => {
    const world = new World();
    const report = await world.report({ credentials: { uid: 4711, gid: 4712, groups: [5, 60000] } });
    expect(report.uids).toEqual([4711, 4711, 4711]);
    expect(report.gids).toEqual([4712, 4712, 4712]);
    expect(report.groups).toEqual([5, 60000]);
    expect([report.CapEff, report.CapPrm]).toEqual([NOTHING, NOTHING]);
    expect((await world.report({ credentials: { uid: 4711, gid: 4712, groups: [] } })).groups).toEqual([]);
  });
});

test('descriptors are placed correctly when sources and targets overlap, also repeatedly', async () => {
  const directory = temporaryDirectory();
  const world = new World();
  const paths = ['a', 'b', 'c', 'd', 'e'].map((name) => join(directory, name));
  const fds = paths.map((path) => openSync(path, 'w'));
  const high = Math.max(...fds) + 1;
  // Descriptor i of the child is descriptor `sources[i]` of this process: with so many targets, numbers must collide.
  const sources = Array.from({ length: high }, (_, i) => fds[i % fds.length] as number);
  const script = 'i=0; while [ -e /proc/$$/fd/$i ]; do readlink /proc/$$/fd/$i >&1; i=$((i+1)); done';
  const list = world.begin(program(shell(script)), sources);
  await world.ended(list);
  expect(list.exit).toEqual({ kind: 'exited', status: 0 });
  expect(
    readFileSync(paths[1] as string, 'utf8')
      .trim()
      .split('\n'),
  ).toEqual(sources.map((fd) => paths[fds.indexOf(fd)]));
  for (const fd of fds) closeSync(fd);
});

test('closeAfter closes each descriptor from 3 up once, also when the start fails', async () => {
  const world = new World();
  for (const path of ['/bin/true', '/nonexistent']) {
    const fd = openSync('/dev/null', 'r+');
    const other = openSync('/dev/null', 'r+');
    const before = descriptorsOf(process.pid);
    await world.ended(world.begin(program({ path }), [fd, fd, 2, fd], [], true));
    const after = descriptorsOf(process.pid);
    expect([before.has(fd), after.has(fd), after.has(other), after.has(2)]).toEqual([true, false, true, true]);
    closeSync(other);
  }
});

test('the end has status, signal and resource usage', async () => {
  const world = new World();
  expect((await world.run(shell('exit 42'))).exit).toEqual({ kind: 'exited', status: 42 });
  expect((await world.run(shell('kill -HUP $$'))).exit).toEqual({ kind: 'signaled', signal: 1, core: false });
  const busy = await world.run(shell('i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'));
  expect(busy.usage!.userMicroseconds).toBeGreaterThan(10_000);
  expect(busy.usage!.maxRssKilobytes).toBeGreaterThan(500);
});

test('a process is signalled by its token until it ends, and not after', async () => {
  const world = new World();
  const start = world.begin(program({ path: '/bin/sleep', argv: ['sleep', '600'] }), [0, 1, 2]);
  await waitFor('the start', () => start.pid > 0);
  expect(signalToken(start.token, 15)).toBe(true);
  await world.ended(start);
  expect(start.exit).toEqual({ kind: 'signaled', signal: 15, core: false });
  expect(signalToken(start.token, 15)).toBe(false);
  expect(processFacts(start.pid)).toBeNull();
});

test('600 starts at once are all reported, start before end, and leave nothing open', async () => {
  const world = new World(4);
  const before = descriptorsOf(process.pid).size;
  const ends = program({});
  const starts = Array.from({ length: 600 }, () => world.begin(ends, [0, 1, 2]));
  for (const start of starts) await world.ended(start);
  expect(starts.every(({ pid, exit }) => pid > 0 && exit?.kind === 'exited')).toBe(true);
  expect(starts.every(({ token }) => world.reports.indexOf(`spawned ${token}`) < world.reports.indexOf(`exited ${token}`))).toBe(true);
  expect(descriptorsOf(process.pid).size).toBe(before);
});

test('one thread starts processes in order of arrival', async () => {
  const world = new World(1);
  const starts = Array.from({ length: 50 }, () => world.begin(program({}), [0, 1, 2]));
  for (const start of starts) await world.ended(start);
  const order = world.reports.filter((line) => line.startsWith('spawned')).map((line) => Number(line.split(' ')[1]));
  expect(order).toEqual(starts.map(({ token }) => token));
});

test('a start is quick at the highest descriptor limit of the machine', async () => {
  const [soft, hard] = getResourceLimit(RLIMIT_NOFILE);
  onTestFinished(() => setResourceLimit(RLIMIT_NOFILE, soft, hard));
  setResourceLimit(RLIMIT_NOFILE, hard, hard);
  const { usage } = await new World().run({});
  expect(usage!.userMicroseconds + usage!.systemMicroseconds).toBeLessThan(500_000);
});
