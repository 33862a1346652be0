import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allLines, family, openSink, read, totalSize, turn } from '../../../tests/support/open-sink.js';
import { temporaryDirectory } from '../../../tests/support/temporary.js';
import { waitFor } from '../../../tests/support/wait-for.js';

/** Lines with ascending numbers; `noise` ones do not compress. */
function lineWriter(): (length: number, noise: boolean) => string {
  let number = 0;
  return (length, noise) => `${number++} ${noise ? randomBytes(length).toString('latin1').replaceAll('\n', ' ') : 'x'.repeat(length)}\n`;
}

function isAscending(lines: readonly string[]): boolean {
  const numbers = lines.filter((line) => !line.includes('lines lost')).map((line) => Number.parseInt(line, 10));
  return numbers.every((number, n) => n === 0 || number > numbers[n - 1]!);
}

describe('a log at its hard limit', () => {
  it('becomes the first generation, compressed; the line that would cross the limit goes to the new file', async () => {
    const path = join(temporaryDirectory(), 'servicelog');
    const { sink, events } = openSink(path, { hard: 1000, keep: 2 });
    for (let generation = 1; generation <= 4; generation++) {
      for (let n = 0; n < 10; n++) sink.write(`${generation} ${'x'.repeat(97)}\n`);
      sink.flush();
      await waitFor('the compression', () => !family(path).some((name) => /\.1$|\.tmp$/.test(name)));
    }
    expect(family(path).sort()).toEqual([path, `${path}.1.gz`, `${path}.2.gz`]);
    expect(allLines(path)).toEqual(['2', '3', '4'].flatMap((generation) => Array(10).fill(`${generation} ${'x'.repeat(97)}`)));
    expect(events).toEqual([]);
  });

  it('keeps its mode, and so does the generation', async () => {
    const path = join(temporaryDirectory(), 'servicelog');
    writeFileSync(path, `${'x'.repeat(999)}\n`);
    chmodSync(path, 0o600);
    const { sink } = openSink(path, { hard: 1000, keep: 1 });
    sink.write('next\n');
    sink.flush();
    await waitFor('the generation', () => existsSync(`${path}.1.gz`));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}.1.gz`).mode & 0o777).toBe(0o600);
  });

  it('rotates beside the file itself when the path is a link', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'data'));
    symlinkSync('data/servicelog', join(directory, 'link'));
    const { sink } = openSink(join(directory, 'link'), { hard: 1000, keep: 1 });
    for (let n = 0; n < 11; n++) sink.write(`${'x'.repeat(99)}\n`);
    sink.flush();
    await waitFor('the generation', () => existsSync(join(directory, 'data', 'servicelog.1.gz')));
    expect(read(join(directory, 'link'))).toBe(`${'x'.repeat(99)}\n`);
    expect(family(join(directory, 'link'))).toEqual([join(directory, 'link')]);
  });

  it('stays uncompressed when it does not compress, and so do older ones', async () => {
    const path = join(temporaryDirectory(), 'servicelog');
    const { sink } = openSink(path, { hard: 5000, keep: 2 });
    const line = lineWriter();
    await waitFor('two generations', async () => {
      sink.write(line(900, true));
      await turn();
      return existsSync(`${path}.2`);
    });
    expect(totalSize(path)).toBeLessThanOrEqual(15_000);
    expect(isAscending(allLines(path))).toBe(true);
  });

  it('continues after an interrupted run', async () => {
    const path = join(temporaryDirectory(), 'servicelog');
    writeFileSync(path, `3 ${'x'.repeat(900)}\n`);
    writeFileSync(`${path}.1`, `2 ${'x'.repeat(900)}\n`);
    writeFileSync(`${path}.1.gz.tmp`, 'half of it');
    const { sink } = openSink(path, { hard: 1000, keep: 2 });
    sink.write(`4 ${'x'.repeat(900)}\n`);
    sink.flush();
    // The line waits for the room that the compression makes.
    await waitFor('the generation and the line', () => existsSync(`${path}.1.gz`) && !existsSync(`${path}.1`) && read(path) !== '');
    expect(allLines(path).map((line) => line[0])).toEqual(['2', '3', '4']);
    expect(existsSync(`${path}.1.gz.tmp`)).toBe(false);
  });

  it('reports once that it cannot be rotated, and goes on when it can', async () => {
    const path = join(temporaryDirectory(), 'servicelog');
    mkdirSync(`${path}.1`);
    const { sink, failures } = openSink(path, { hard: 100, keep: 1 });
    for (let n = 0; n < 50; n++) {
      sink.write('0123456789\n');
      await turn();
    }
    expect(failures()).toHaveLength(1);
    expect(readFileSync(path)).toHaveLength(99);
  });
});

const step = fc.record({
  lengths: fc.array(fc.nat(300), { minLength: 1, maxLength: 40 }),
  noise: fc.boolean(),
  after: fc.constantFrom('turn', 'flush', 'nothing', 'pause'),
});

it('never takes more than hard × (keep + 1) bytes with generations and temporary files, and keeps its lines in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 100, max: 6000 }), fc.nat(3), fc.array(step, { maxLength: 40 }), async (hard, keep, steps) => {
      const path = join(temporaryDirectory(), 'servicelog');
      const { sink, failures } = openSink(path, { soft: hard / 2, hard, keep });
      const line = lineWriter();
      const bound = hard * (keep + 1);
      const sample = () => expect(totalSize(path)).toBeLessThanOrEqual(bound);
      for (const { lengths, noise, after } of steps) {
        for (const length of lengths) {
          sink.write(line(length, noise));
          sample();
        }
        if (after === 'flush') sink.flush();
        if (after === 'turn') await turn();
        if (after === 'pause') for (let n = 0; n < 20; n++) await turn().then(sample);
        sample();
      }
      await waitFor('the compressions', () => {
        sample();
        sink.flush();
        return !family(path).some((name) => name.endsWith('.tmp'));
      });
      sink.close();
      sample();
      expect(isAscending(allLines(path))).toBe(true);
      expect(failures().length).toBeLessThan(2);
    }),
    { numRuns: 60 },
  );
});
