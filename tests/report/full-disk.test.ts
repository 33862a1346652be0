import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { allLines, openSink, read, turn } from '../support/open-sink.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const PAGE = 4096;

function smallDisk(pages: number): string {
  const directory = join(temporaryDirectory(), 'disk');
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${pages * PAGE},mode=755`, 'superd-test', directory]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', directory]));
  return directory;
}

describeWith({ root: true, programs: ['mount'] }, 'a log on a full disk', () => {
  it('counts every line it loses, cuts no line, and logs the count when there is room again', async () => {
    const directory = smallDisk(8);
    const path = join(directory, 'servicelog');
    writeFileSync(join(directory, 'ballast'), Buffer.alloc(6 * PAGE));
    const { sink, failures } = openSink(path);
    const total = 2000;
    for (let n = 0; n < total; n++) {
      sink.write(`${String(n).padStart(6, '0')} ${'x'.repeat(92)}\n`);
      if (n % 10 === 0) await turn();
    }
    const problem = `write ${path}: no space left on device (ENOSPC)`;
    expect(failures()).toEqual([{ problem, linesLost: 0 }]);
    expect(Buffer.byteLength(read(path))).toBe(2 * PAGE);
    execFileSync('mount', ['-o', `remount,size=${100 * PAGE}`, directory]);
    await waitFor('the count', () => read(path).includes('lost'));
    sink.write('new\n');
    await turn();

    await waitFor('the recovery', () => failures().length === 2);
    const lines = allLines(path);
    const lost = failures().at(-1)!.linesLost;
    const kept = total - lost;
    expect(lines.slice(0, kept).map((line) => line.slice(0, 6))).toEqual(
      Array.from({ length: kept }, (_, n) => String(n).padStart(6, '0')),
    );
    expect(lines.slice(0, kept).every((line) => line.length === 99)).toBe(true);
    expect(lines.slice(kept)).toEqual([`${lost} lines lost: ${problem}`, 'new']);
    expect(failures()).toHaveLength(2);
  });

  it('repeats a line that the full disk cut when it continues in another file', async () => {
    const directory = smallDisk(2);
    const path = join(directory, 'servicelog');
    const { sink, failures } = openSink(path);
    for (let n = 0; n < 100; n++) sink.write(`${n} ${'x'.repeat(95)}\n`);
    await waitFor('the disk to be full', () => failures().length === 1);
    rmSync(path);
    await waitFor('the log to go on', () => failures().length === 2);
    const lines = allLines(path);
    expect(lines[0]).toMatch(/^8\d x{95}$/);
    expect(lines.at(-1)).toBe(`99 ${'x'.repeat(95)}`);
  });

  it('keeps a generation uncompressed when there is no room to compress it', async () => {
    const directory = smallDisk(2);
    const path = join(directory, 'servicelog');
    const { sink } = openSink(path, { hard: PAGE, keep: 2 });
    for (let n = 0; n < 45; n++) sink.write(`${n} ${'x'.repeat(95)}\n`);
    sink.flush();
    await waitFor('both', () => allLines(path).length === 45);
    expect(allLines(path).map((line) => Number.parseInt(line, 10))).toEqual(Array.from({ length: 45 }, (_, n) => n));
  });
});
