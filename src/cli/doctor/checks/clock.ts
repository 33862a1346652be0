import { statSync } from 'node:fs';
import { clockIsSynchronized } from '../../../os/time.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** Nobody has run superd before. */
const FIRST_YEAR = 2026;
/** Clocks of machines that share files differ a little. */
const SLACK_MS = 60_000;

/** A clock that is surely wrong; access_times, log lines and bans go by it. */
export function clock({ plan, config, now }: Patient): readonly Finding[] {
  const remedy = 'set the clock, and let chrony or systemd-timesyncd keep it';
  const year = new Date(now).getUTCFullYear();
  if (year < FIRST_YEAR) return [{ severity: 'error', code: 'clock-behind', place: 'clock', problem: `says that it is ${year}`, remedy }];
  const ahead = [config, ...(plan?.files ?? [])].find((path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > now + SLACK_MS);
  if (ahead !== undefined) {
    const problem = 'was changed in the future: the clock is behind, or was ahead then';
    return [{ severity: 'warning', code: 'clock-behind', place: ahead, problem, remedy: `${remedy}; touch the file if that is done` }];
  }
  if (clockIsSynchronized()) return [];
  return [
    {
      severity: 'note',
      code: 'clock-unsynchronized',
      place: 'clock',
      problem: 'nobody keeps it (adjtimex)',
      remedy: 'chrony or systemd-timesyncd does',
    },
  ];
}
