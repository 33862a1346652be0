import { closeSync, openSync } from 'node:fs';
import { getResourceLimit } from '../../os/process.js';

const RLIMIT_NOFILE = 7;

/** Kept back from callers: for the pidfd of each start under way, for the rest of a batch, for logs and look-ups. */
const RESERVE = 64;

/** Tells when descriptors run short, before they have run out: a caller who is accepted shall get a server. */
export interface Descriptors {
  /** @param latest A descriptor just given by the kernel, which always gives the lowest that is free. */
  shortAt(latest: number): boolean;
  /** Asks the kernel for one to see. */
  short(): boolean;
}

export function descriptors(): Descriptors {
  const [limit] = getResourceLimit(RLIMIT_NOFILE);
  const enough = limit - Math.min(RESERVE, limit / 2);
  const shortAt = (latest: number) => latest >= enough;
  return { shortAt, short: () => shortAt(lowestFree()) };
}

/** Infinity when there is none at all. */
function lowestFree(): number {
  try {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return fd;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
