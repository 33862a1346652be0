import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { bundle } from '../support/bundle.js';
import { read } from '../support/open-sink.js';
import { temporaryDirectory } from '../support/temporary.js';
import { within } from '../support/wait-for.js';

/** Where the flood writes: a real pipe to a program that reads or not, a socket (which Node calls a pipe), or a file descriptor. */
type Stderr = 'pipe to sleep' | 'pipe to cat' | 'socket' | number;

async function startFlood(lines: number, stderr: Stderr, pace: 'paced' | 'at once'): Promise<ChildProcess> {
  const program = join(temporaryDirectory(), 'flood.mjs');
  await bundle({ contents: "import './terminal-flood.js'", directory: import.meta.dirname }, program);
  const flood = `"${process.execPath}" "${program}" ${lines} "${pace}"`;
  const env = { SUPERD_ADDON: fileURLToPath(new URL('../../build/Release/superd.node', import.meta.url)), ...process.env };
  const piped = `exec 3>&1; { ${flood} 2>&1 >&3 3>&-; } | ${stderr === 'pipe to cat' ? 'cat >&2' : 'sleep 1000'}`;
  const [command, args] =
    typeof stderr === 'number' || stderr === 'socket' ? [process.execPath, [program, `${lines}`, pace]] : ['sh', ['-c', piped]];
  const child = spawn(command, args, { env, detached: true, stdio: ['pipe', 'pipe', typeof stderr === 'number' ? stderr : 'pipe'] });
  onTestFinished(() => endGroup(child));
  return child;
}

/** Kills the flood and its reader. */
function endGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // Both have ended.
  }
}

it.each(['pipe to sleep', 'socket'] as const)('%s: standard error without a reader does not block superd', async (stderr) => {
  const child = await startFlood(20_000, stderr, 'at once');
  const [word] = await within('the end of the flood', once(child.stdout!, 'data'));
  expect(String(word)).toBe('through\n');
});

it.each(['pipe to cat', 'socket'] as const)('%s: a reader gets every line', async (stderr) => {
  // Paced by the reader: superd does not wait for one that is slow.
  const child = await startFlood(500, stderr, 'paced');
  let received = '';
  const lines = () => received.match(/foo +refused +192\.0\.2\.7:\d+ +address\n/g)?.length ?? 0;
  let paced = 0;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    for (; paced < Math.floor(lines() / 100); paced++) child.stdin!.write('.');
  });
  await within('the end', once(child, 'close'));
  expect(lines()).toBe(500);
});

it('a file on standard error keeps what others write to it', async () => {
  const path = join(temporaryDirectory(), 'stderr');
  const fd = openSync(path, 'w');
  writeSync(fd, 'before\n');
  const child = await startFlood(500, fd, 'at once');
  await within('the end', once(child, 'close'));
  writeSync(fd, 'after\n');
  closeSync(fd);
  const lines = read(path).split('\n').slice(0, -1);
  expect([lines[0], lines.length, lines.at(-1)]).toEqual(['before', 502, 'after']);
});
