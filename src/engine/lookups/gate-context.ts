import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { Bans } from '../../gate/bans.js';
import type { GateContext } from '../../gate/context.js';
import type { HashKey } from '../../gate/keyed-hash.js';
import type { SourceTable } from '../../gate/source-table.js';

/** The kernel updates the load average every five seconds. */
const LOAD_FRESH_MS = 1000;

/** What gates need to know about the machine and the daemon as a whole. */
export function gateContextFor(
  running: () => number,
  processLimit: number,
  now: () => number,
  tables: GateContext['tables'],
  warn: (problem: string) => void,
): GateContext {
  return {
    running,
    processLimit,
    load: loadAverage(now),
    minuteOfDay: minuteOfDay(),
    tables,
    bans: new Bans(),
    hashKey: hashKey(),
    reportEvictions: evictionReporter(now, warn),
  };
}

/** Random, read when the first table needs it. */
function hashKey(): () => HashKey {
  let key: HashKey | null = null;
  return () => {
    if (key === null) {
      const random = Buffer.alloc(8);
      const fd = openSync('/dev/urandom', 'r');
      readSync(fd, random);
      closeSync(fd);
      key = [random.readUInt32LE(0), random.readUInt32LE(4)];
    }
    return key;
  };
}

/** Between two reports of evicted records. */
const REPORT_EVERY_MS = 60_000;

function evictionReporter(now: () => number, warn: (problem: string) => void): (table: SourceTable) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (table) => {
    if (table.evicted === 0 || Math.abs(now() - reportedAt) < REPORT_EVERY_MS) return;
    reportedAt = now();
    warn(`more sources than the limits can remember: ${table.evicted} records of those furthest from a limit were dropped`);
    table.evicted = 0;
  };
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

/** Computed once a minute: local time is slow to compute. */
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
