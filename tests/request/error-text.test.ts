import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { OutputContext } from '../../src/engine/context.js';
import { StderrPipe } from '../../src/engine/sessions/stderr-pipe.js';

const pathOf = (fd: number | string) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
};

test('a pipe that the kernel cannot watch is closed', () => {
  let pipe: string | null = null;
  const loop = {
    watchReadable(fd: number) {
      pipe = pathOf(fd);
      throw Object.assign(new Error('epoll_ctl'), { code: 'ENOSPC' });
    },
  };
  const context = { loop, readers: new Map(), nextToken: () => 1 } as unknown as OutputContext;
  expect(
    () =>
      new StderrPipe(
        context,
        () => {},
        () => {},
      ),
  ).toThrow('epoll_ctl');
  expect(pipe).toMatch(/^pipe:/);
  expect(readdirSync('/proc/self/fd').map(pathOf)).not.toContain(pipe);
  expect(context.readers.size).toBe(0);
});

/** Makes a descriptor one of a directory, which cannot be read. */
function makeUnreadable(fd: number): void {
  closeSync(fd);
  const opened: number[] = [];
  do opened.push(openSync('/', 'r'));
  while (opened.at(-1) !== fd);
  for (const other of opened.slice(0, -1)) closeSync(other);
}

test('a pipe that cannot be read is closed and reported once, and is no longer for the next server', () => {
  let watched = -1;
  let unwatched = 0;
  const loop = {
    watchReadable: (fd: number) => {
      watched = fd;
    },
    unwatch: () => {
      unwatched++;
    },
  };
  const readers = new Map<number, () => void>();
  const context = { loop, readers, nextToken: () => 1, now: () => 0 } as unknown as OutputContext;
  const problems: string[] = [];
  const pipe = new StderrPipe(
    context,
    () => {},
    (error) => problems.push((error as NodeJS.ErrnoException).code ?? ''),
  );
  makeUnreadable(watched);
  readers.get(1)!();
  pipe.drain();
  pipe.retire();
  expect({ problems, unwatched, readers: readers.size, isUsable: pipe.isUsable }).toEqual({
    problems: ['EISDIR'],
    unwatched: 1,
    readers: 0,
    isUsable: false,
  });
});
