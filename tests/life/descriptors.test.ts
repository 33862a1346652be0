import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { linesOf } from '../support/lines.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const LIMIT = 20_000;

describeWith({ programs: ['strace'], superdOnly: 'xinetd closes them one by one' }, 'descriptors that are not open', () => {
  test('are closed neither by superd nor by its children, whatever the limit', async () => {
    const port = await freePort();
    const calls = join(temporaryDirectory(), 'calls');
    const daemon = await startDaemon({
      config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }),
      // With -D the daemon keeps the pid that strace(1) was started with.
      prefix: ['prlimit', `--nofile=${LIMIT}:${LIMIT}`, 'strace', '-D', '-f', '-qq', '-e', 'trace=close,exit_group', '-o', calls],
    });
    expect(readFileSync(`/proc/${daemon.pid}/limits`, 'latin1')).toMatch(new RegExp(`^Max open files +${LIMIT} +${LIMIT} `, 'm'));
    expect(await ask({ port })).toMatch(/^hello/);
    const { pid } = daemon;
    await daemon.stop();
    const lines = await waitFor('strace to have written all', () => {
      const all = linesOf(calls);
      return all.some((line) => line.startsWith(`${pid} `) && line.includes('exit_group(')) ? all : null;
    });
    expect(lines.filter((line) => / close\(/.test(line)).length).toBeGreaterThan(10);
    expect(lines.filter((line) => line.includes('EBADF')).length).toBeLessThan(LIMIT / 100);
  });
});
