import { fstatSync, mkdirSync, openSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { spawnInto } from '../../src/os/spawn.js';
import { controlGroupOf } from '../support/control-groups.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { program, shell, World } from './world.js';

/** Starts a process in the control group `directory` and returns the group that it finds itself in, and its exit status. */
async function groupSeen(directory: string): Promise<string> {
  const world = new World();
  const path = join(temporaryDirectory(), 'output');
  const [group, input, output] = [openSync(directory, 'r'), openSync('/dev/null', 'r'), openSync(path, 'w')];
  const inode = inodeOf(group);
  const start = world.expect();
  spawnInto(program(shell('cat /proc/self/cgroup; exit 7')), [input, output, output], [], start.token, group);
  await world.ended(start);
  expect(start.exit).toEqual({ kind: 'exited', status: 7 });
  await waitFor('the descriptor of its group to be closed', () => inodeOf(group) !== inode);
  return /^0::(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
}

/** null for a closed descriptor. */
function inodeOf(fd: number): number | null {
  try {
    return fstatSync(fd).ino;
  } catch {
    return null;
  }
}

describeWith({ root: true, controlGroups: true }, 'a process started into a control group', () => {
  test('is in it from the start', async () => {
    const directory = join(controlGroupOf(process.pid)!, `test-into-${process.pid}`);
    mkdirSync(directory);
    onTestFinished(() => rmdirSync(directory));
    expect(await groupSeen(directory)).toMatch(new RegExp(`/test-into-${process.pid}$`));
  });
});

test('a process without a group of its own is in that of its parent', async () => {
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
  expect(await groupSeen(temporaryDirectory())).toBe(own);
});
