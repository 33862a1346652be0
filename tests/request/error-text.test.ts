import { readdirSync, readlinkSync } from 'node:fs';
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
  expect(() => new StderrPipe(context, () => {})).toThrow('epoll_ctl');
  expect(pipe).toMatch(/^pipe:/);
  expect(readdirSync('/proc/self/fd').map(pathOf)).not.toContain(pipe);
  expect(context.readers.size).toBe(0);
});
