import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll } from 'vitest';
import { everyProcess, isSameProcess, killProcess, type ProcessFacts } from './processes.js';
import { waitFor } from './wait-for.js';

/*
 * Runs beside every test file (`setupFiles`): a file whose processes outlive it fails, and they are killed. Processes inherit the mark of
 * their file in their environment, so one that left its parent, its session and its control group is still found.
 */
const MARK = `TESTED_BY=${process.pid}.${randomBytes(4).toString('hex')}`;
/** What has been killed may need this long to be gone on a busy machine. */
const GRACE_MS = 20_000;

process.env[MARK.split('=')[0]!] = MARK.split('=')[1]!;

afterAll(async () => {
  const left = () => everyProcess().filter((one) => one.pid !== process.pid && isMarked(one));
  await waitFor('the processes of this file to end', () => left().length === 0, {
    timeoutMs: GRACE_MS,
    evidence: () => {
      const survivors = left();
      const lines = survivors.map((one) => `${one.pid} ${commandOf(one)}`);
      for (const one of survivors) killProcess(one);
      return lines.join('\n');
    },
  });
});

function isMarked(one: ProcessFacts): boolean {
  return isSameProcess(one) && textOf(one, 'environ').split('\0').includes(MARK);
}

function commandOf(one: ProcessFacts): string {
  return textOf(one, 'cmdline').replaceAll('\0', ' ');
}

/** Empty for a process of another user, a zombie, and one that is gone. */
function textOf({ pid }: ProcessFacts, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
