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

test('a process has its own session, descriptors 0 to 2 alone, and no signal blocked or ignored', async () => {
  // Node itself ignores SIGPIPE.
  expect(/^SigIgn:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]).not.toBe(NOTHING);
  const report = await new World().report({});
  expect(report.pid).toBe(report.sid);
  expect(report.pid).toBe(report.pgid);
  expect(report.terminal).toBe(false);
  expect(report.descriptors.map(({ fd, closeOnExec }) => [fd, closeOnExec])).toEqual([0, 1, 2].map((fd) => [fd, false]));
  expect([report.SigBlk, report.SigIgn]).toEqual([NOTHING, NOTHING]);
});

test('the environment is the given one exactly, the extra ones after it, then LISTEN_PID', async () => {
  const report = await new World().report({ environment: ['A=1', 'EMPTY='], listenPid: true }, ['REMOTE_HOST=127.0.0.1', 'É=ü']);
  expect(report.environment).toEqual(['A=1', 'EMPTY=', 'REMOTE_HOST=127.0.0.1', 'É=ü', `LISTEN_PID=${report.pid}`]);
});

test('argv, directory, umask, nice and limits are as asked for', async () => {
  const report = await new World().report({
    argv: ['name', 'ä', ''],
    directory: '/usr',
    umask: 0o137,
    nice: 4,
    limits: [7, 55, 77, 0, 60, Number.POSITIVE_INFINITY],
  });
  expect(report.argv).toEqual(['name', 'ä', '']);
  expect([report.cwd, report.umask, report.nice]).toEqual(['/usr', 0o137, 4]);
  expect([report.limits.files, report.limits.cpu]).toEqual([
    [55, 77],
    [60, -1],
  ]);
});

test('without newSession a process stays in the session; NoNewPrivs is set only when asked for', async () => {
  const world = new World();
  const [plain, confined] = [await world.report({ newSession: false }), await world.report({ noNewPrivileges: true })];
  expect(plain.sid).not.toBe(plain.pid);
  expect([plain.NoNewPrivs, confined.NoNewPrivs]).toEqual(['0', '1']);
});

describeWith({ root: true }, 'credentials', () => {
  test('uids, gids and groups are exactly the given ones, and no capability is left', async () => {
    const world = new World();
    const report = await world.report({ credentials: { uid: 4711, gid: 4712, groups: [5, 60000] } });
    expect(report.uids).toEqual([4711, 4711, 4711]);
    expect(report.gids).toEqual([4712, 4712, 4712]);
    expect(report.groups).toEqual([5, 60000]);
    expect([report.CapEff, report.CapPrm]).toEqual([NOTHING, NOTHING]);
    expect((await world.report({ credentials: { uid: 4711, gid: 4712, groups: [] } })).groups).toEqual([]);
  });
});

test('descriptors are placed right when sources and targets overlap, and more than once', async () => {
  const directory = temporaryDirectory();
  const world = new World();
  const paths = ['a', 'b', 'c', 'd', 'e'].map((name) => join(directory, name));
  const fds = paths.map((path) => openSync(path, 'w'));
  const high = Math.max(...fds) + 1;
  // Child descriptor i shall be whatever is open here as `sources[i]`: with as many targets as that, numbers must collide.
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

test('status, signal and usage of the end', async () => {
  const world = new World();
  expect((await world.run(shell('exit 42'))).exit).toEqual({ kind: 'exited', status: 42 });
  expect((await world.run(shell('kill -HUP $$'))).exit).toEqual({ kind: 'signaled', signal: 1, core: false });
  const busy = await world.run(shell('i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'));
  expect(busy.usage!.userMicroseconds).toBeGreaterThan(10_000);
  expect(busy.usage!.maxRssKilobytes).toBeGreaterThan(500);
});

test('a process is signalled by its token while it lives, and not after', async () => {
  const world = new World();
  const start = world.begin(program({ path: '/bin/sleep', argv: ['sleep', '600'] }), [0, 1, 2]);
  await waitFor('the start', () => start.pid > 0);
  expect(signalToken(start.token, 15)).toBe(true);
  await world.ended(start);
  expect(start.exit).toEqual({ kind: 'signaled', signal: 15, core: false });
  expect(signalToken(start.token, 15)).toBe(false);
  expect(processFacts(start.pid)).toBeNull();
});

test('600 starts at once: all are told of, the beginning before the end, and nothing stays open', async () => {
  const world = new World(4);
  const before = descriptorsOf(process.pid).size;
  const ends = program({});
  const starts = Array.from({ length: 600 }, () => world.begin(ends, [0, 1, 2]));
  for (const start of starts) await world.ended(start);
  expect(starts.every(({ pid, exit }) => pid > 0 && exit?.kind === 'exited')).toBe(true);
  expect(starts.every(({ token }) => world.told.indexOf(`spawned ${token}`) < world.told.indexOf(`exited ${token}`))).toBe(true);
  expect(descriptorsOf(process.pid).size).toBe(before);
});

test('one thread starts in order of arrival', async () => {
  const world = new World(1);
  const starts = Array.from({ length: 50 }, () => world.begin(program({}), [0, 1, 2]));
  for (const start of starts) await world.ended(start);
  const order = world.told.filter((line) => line.startsWith('spawned')).map((line) => Number(line.split(' ')[1]));
  expect(order).toEqual(starts.map(({ token }) => token));
});

test('a start is quick at the highest limit of descriptors the machine gives', async () => {
  const [soft, hard] = getResourceLimit(RLIMIT_NOFILE);
  onTestFinished(() => setResourceLimit(RLIMIT_NOFILE, soft, hard));
  setResourceLimit(RLIMIT_NOFILE, hard, hard);
  const { usage } = await new World().run({});
  expect(usage!.userMicroseconds + usage!.systemMicroseconds).toBeLessThan(500_000);
});
