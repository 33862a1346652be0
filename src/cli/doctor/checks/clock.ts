import { statSync } from 'node:fs';
import { clockIsSynchronized } from '../../../os/time.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

/** The year of superd's first release: an earlier one is wrong. */
const FIRST_YEAR = 2026;
/** How far the clocks of machines that share files may differ. */
const SLACK_MS = 60_000;

/** A clock that is surely wrong: access_times, log lines and bans depend on it. */
export function clock({ plan, config, now }: CheckContext): readonly Finding[] {
  const remedy = 'set the clock, and keep it right with chrony or systemd-timesyncd';
  const year = new Date(now).getUTCFullYear();
  if (year < FIRST_YEAR) return [{ severity: 'error', code: 'clock-behind', place: 'clock', problem: `shows the year ${year}`, remedy }];
  const ahead = [config, ...(plan?.files ?? [])].find((path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > now + SLACK_MS);
  if (ahead !== undefined) {
    const problem = 'has a modification time in the future: the clock is slow, or was fast at that time';
    return [{ severity: 'warning', code: 'clock-behind', place: ahead, problem, remedy: `${remedy}; if it is right, touch the file` }];
  }
  if (clockIsSynchronized()) return [];
  const problem = 'is not synchronized (adjtimex)';
  return [{ severity: 'note', code: 'clock-unsynchronized', place: 'clock', problem, remedy: 'run chrony or systemd-timesyncd' }];
}
