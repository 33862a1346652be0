import { readFileSync } from 'node:fs';
import type { Surroundings } from '../gate/facts.js';

/** The kernel makes a new load average every five seconds; asking more often than once a second tells nothing. */
const LOAD_FRESH_MS = 1000;

/** What the gates ask about the machine and the daemon as a whole. */
export function surroundings(running: () => number, processLimit: number, now: () => number, tables: Surroundings['tables']): Surroundings {
  return { running, processLimit, load: loadAverage(now), minuteOfDay: minuteOfDay(), tables };
}

function loadAverage(now: () => number): () => number {
  let asked = Number.NEGATIVE_INFINITY;
  let load = 0;
  return () => {
    if (Math.abs(now() - asked) >= LOAD_FRESH_MS) {
      asked = now();
      load = Number.parseFloat(readFileSync('/proc/loadavg', 'latin1'));
    }
    return load;
  };
}

/** Local time is worked out once a minute: the zone's rules are slow to ask. */
function minuteOfDay(): (now: number) => number {
  let known = Number.NaN;
  let minute = 0;
  return (now) => {
    const current = Math.floor(now / 60_000);
    if (current !== known) {
      known = current;
      const date = new Date(now);
      minute = date.getHours() * 60 + date.getMinutes();
    }
    return minute;
  };
}
