import { getResourceLimit } from '../os/process.js';
import type { Inheritance } from '../process/launch.js';

const RLIMIT_NOFILE = 7;

/** What servers inherit from superd. The entry script passes the soft limit of descriptors, because Node raises it at its start. */
export function inheritance(): Inheritance {
  const [soft, hard] = getResourceLimit(RLIMIT_NOFILE);
  const started = process.env['SUPERD_NOFILE'];
  const original = started === 'unlimited' ? Number.POSITIVE_INFINITY : /^\d+$/.test(started ?? '') ? Number(started) : soft;
  return {
    environment: { ...process.env },
    filesLimit: [Math.min(original, hard), hard],
    uid: process.geteuid?.() ?? 0,
  };
}
