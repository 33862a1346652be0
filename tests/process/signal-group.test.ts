import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HeldProcess, signalWanted } from '../../src/process/held-process.js';
import { signalChildGroup, signalHeldGroup } from '../../src/process/signal-group.js';
import { program, World } from '../os/world.js';
import { isSameProcess, killProcess, type ProcessFacts, processFacts } from '../support/processes.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const GROUP = (told: string) => ['/bin/sh', '-c', `sleep 1000 & echo $! >${told}.new; mv ${told}.new ${told}; wait`] as const;

async function childIn(told: string): Promise<ProcessFacts> {
  await waitFor('its child', () => existsSync(told));
  const child = processFacts(Number(readFileSync(told, 'latin1')))!;
  onTestFinished(() => killProcess(child));
  return child;
}

function held(pid: number): HeldProcess {
  const one = HeldProcess.hold(pid, () => true)!;
  onTestFinished(() => one.release());
  return one;
}

test('a signal to the group of a child of superd reaches all in it', async () => {
  const world = new World();
  const told = join(temporaryDirectory(), 'pid');
  const [path, ...args] = GROUP(told);
  const start = world.begin(program({ path, argv: ['sh', ...args], newSession: true }), [0, 1, 2]);
  const child = await childIn(told);
  signalChildGroup(start.pid, start.token, 'SIGTERM');
  await waitFor('their end', () => start.exit !== null && !isSameProcess(child));
  signalChildGroup(start.pid, start.token, 'SIGTERM');
});

test('a signal to the group of a held process reaches all in it, and one without a group is reached alone', async () => {
  const told = join(temporaryDirectory(), 'pid');
  const [path, ...args] = GROUP(told);
  const leader = spawn(path, args, { stdio: 'ignore', detached: true });
  const child = await childIn(told);
  signalHeldGroup(held(child.pid), 'SIGSTOP');
  await waitFor('it to stop', () => processFacts(child.pid)?.state === 'T');
  expect(processFacts(leader.pid!)?.state).toBe('S');
  signalHeldGroup(held(leader.pid!), 'SIGKILL');
  await waitFor('their end', () => processFacts(leader.pid!) === null && !isSameProcess(child));
});

test('a process that is not wanted when superd holds it is not signalled', async () => {
  const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
  onTestFinished(() => void other.kill('SIGKILL'));
  expect(signalWanted(other.pid!, 'SIGKILL', () => false)).toBe(false);
  expect(processFacts(other.pid!)?.state).not.toBe('Z');
  expect(signalWanted(other.pid!, 'SIGKILL', ({ pid }) => pid === other.pid)).toBe(true);
});
