import { closeSync, openSync } from 'node:fs';
import { getResourceLimit } from '../../os/process.js';

const RLIMIT_NOFILE = 7;

/** Descriptors that clients may not use up: for the pidfds of servers that start, the rest of a batch, logs and look-ups. */
const RESERVE = 64;

/** Whether descriptors run short, before they run out: a client that superd accepts shall get a server. */
export interface Descriptors {
  /** @param latest A descriptor that the kernel has just given: it always gives the lowest free one. */
  shortAt(latest: number): boolean;
  /** Opens one to find out. */
  short(): boolean;
}

export function descriptors(): Descriptors {
  const [limit] = getResourceLimit(RLIMIT_NOFILE);
  const enough = limit - Math.min(RESERVE, limit / 2);
  const shortAt = (latest: number) => latest >= enough;
  return { shortAt, short: () => shortAt(lowestFree()) };
}

/** The lowest free descriptor; Infinity when there is none. */
function lowestFree(): number {
  try {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return fd;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
