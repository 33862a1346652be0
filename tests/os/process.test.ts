import { spawn as nodeSpawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import {
  becomeSubreaper,
  closeOnExecFrom,
  getResourceLimit,
  reapOrphan,
  reapOrphans,
  setResourceLimit,
  signalToken,
  trimMemory,
} from '../../src/os/process.js';
import { childrenOf, descriptorsOf, processFacts } from '../support/processes.js';
import { waitFor } from '../support/wait-for.js';
import { program, shell, World } from './world.js';

const RLIMIT_CORE = 4;
const RLIMIT_NOFILE = 7;

test('limits are read and set; Infinity is no limit', () => {
  const [soft, hard] = getResourceLimit(RLIMIT_CORE);
  onTestFinished(() => setResourceLimit(RLIMIT_CORE, soft, hard));
  setResourceLimit(RLIMIT_CORE, 0, hard);
  expect(getResourceLimit(RLIMIT_CORE)).toEqual([0, hard]);
  expect(() => setResourceLimit(RLIMIT_CORE, 2, 1)).toThrow('setrlimit: invalid argument (EINVAL)');
  expect(() => getResourceLimit(99)).toThrow(/EINVAL/);
});

test('closeOnExecFrom marks every descriptor from a number on, quickly at the highest limit', () => {
  const [soft, hard] = getResourceLimit(RLIMIT_NOFILE);
  onTestFinished(() => setResourceLimit(RLIMIT_NOFILE, soft, hard));
  setResourceLimit(RLIMIT_NOFILE, hard, hard);
  const before = process.cpuUsage();
  closeOnExecFrom(3);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(500);
  const flags = [...descriptorsOf(process.pid).keys()].filter((fd) => fd >= 3).map((fd) => readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  expect(flags.every((text) => /flags:\s+02\d{6}/.test(text))).toBe(true);
});

test('orphans are reaped, and processes of the addon and of Node are not', async () => {
  const world = new World();
  becomeSubreaper();
  const parent = await world.run(shell('sh -c "sleep 0.2; exit 7" & echo $!'));
  const orphan = Number(parent.output);
  await waitFor('the orphan to come here', () => processFacts(orphan)?.parent === process.pid);
  const ours = world.begin(program(shell('exit 3')), [0, 1, 2]);
  const theirs = nodeSpawn('/bin/sh', ['-c', 'exit 4']);
  const ended = once(theirs, 'exit');
  const reaped: unknown[] = [];
  await waitFor('the orphan to end', () => reaped.push(...reapOrphans()) > 0);
  expect(reaped).toEqual([{ pid: orphan, exit: { kind: 'exited', status: 7 } }]);
  expect((await world.ended(ours)).exit).toEqual({ kind: 'exited', status: 3 });
  expect((await ended)[0]).toBe(4);
  expect(reapOrphans()).toEqual([]);
  expect(childrenOf(process.pid).filter(({ state }) => state === 'Z')).toEqual([]);
});

test('a process of the addon that ended first does not hide an orphan, and its end is still reported', async () => {
  const world = new World();
  becomeSubreaper();
  const sleeper = program({ path: '/bin/sleep', argv: ['sleep', '600'] });
  const ours = world.begin(sleeper, [0, 1, 2]);
  await waitFor('the start', () => ours.pid > 0);
  const orphan = Number((await world.run(shell('sleep 600 & echo $!'))).output);
  await waitFor('the orphan to come here', () => processFacts(orphan)?.parent === process.pid);
  // Without a turn of the loop, so that both are zombies when reapOrphans looks.
  for (const pid of [ours.pid, orphan]) {
    process.kill(pid, 'SIGTERM');
    while (processFacts(pid)?.state !== 'Z');
  }
  const exit = { kind: 'signaled', signal: 15, core: false };
  expect(reapOrphans()).toEqual([{ pid: orphan, exit }]);
  expect(signalToken(ours.token, 15)).toBe(false);
  expect((await world.ended(ours)).exit).toEqual(exit);
});

test('an orphan behind an ended process of Node is reaped by its pid, and no other process is', async () => {
  const world = new World();
  becomeSubreaper();
  const theirs = nodeSpawn('/bin/sleep', ['600']);
  const ended = once(theirs, 'exit');
  const sleeper = program({ path: '/bin/sleep', argv: ['sleep', '600'] });
  const ours = world.begin(sleeper, [0, 1, 2]);
  await waitFor('the start', () => ours.pid > 0);
  const orphan = Number((await world.run(shell('sleep 600 & echo $!'))).output);
  await waitFor('the orphan to come here', () => processFacts(orphan)?.parent === process.pid);
  expect(reapOrphan(orphan)).toBe(null);
  for (const pid of [theirs.pid!, ours.pid, orphan]) {
    process.kill(pid, 'SIGTERM');
    while (processFacts(pid)?.state !== 'Z');
  }
  const exit = { kind: 'signaled', signal: 15, core: false };
  expect([theirs.pid!, ours.pid, orphan, orphan, 1].map(reapOrphan)).toEqual([null, null, exit, null, null]);
  expect((await world.ended(ours)).exit).toEqual(exit);
  expect(await ended).toEqual([null, 'SIGTERM']);
});

test('trimMemory returns pages and breaks nothing', async () => {
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const before = resident();
  expect(trimMemory()).toBeGreaterThan(10_000_000);
  expect(resident()).toBeLessThan(before);
  const world = new World();
  expect((await world.run(shell('echo alive'))).output).toBe('alive\n');
});

test('a second loop is refused; after a closed one another may be opened', () => {
  const world = new World();
  expect(() => new World()).toThrow(TypeError);
  world.loop.close();
  world.loop.close();
  expect(() => world.loop.watchReadable(0, 1)).toThrow(TypeError);
  expect(() => new World()).not.toThrow();
});

test('closing the loop during starts leaks no descriptor', async () => {
  const before = descriptorsOf(process.pid).size;
  const world = new World();
  for (let i = 0; i < 50; i++) {
    const fd = openSync('/dev/null', 'r+');
    world.begin(program({}), [fd, fd, fd], [], true);
  }
  world.loop.close();
  expect(descriptorsOf(process.pid).size).toBe(before);
  // Those started processes that nothing watches any more.
  await waitFor('the children to end', () => childrenOf(process.pid).every(({ state }) => state === 'Z'));
});

test('an unreferenced loop lets the process end; a worker may have its own loop and end with it open', async () => {
  const script = `
    const { workerData } = require('node:worker_threads');
    const binding = require(workerData);
    binding.loopOpen(new Int32Array(256 * 16), 2, () => {});
    binding.loopRef(false);`;
  const addon = process.env['SUPERD_ADDON'] ?? new URL('../../build/Release/superd.node', import.meta.url).pathname;
  const worker = new Worker(script, { eval: true, workerData: addon });
  expect((await once(worker, 'exit'))[0]).toBe(0);
});
