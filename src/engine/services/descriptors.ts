import type { Loop } from '../../os/loop.js';
import { getResourceLimit } from '../../os/process.js';

const RLIMIT_NOFILE = 7;

/** Descriptors that clients may not use up: for logs, look-ups, scans of /proc, reloads, and daemons. */
const RESERVE = 64;

/** The part of that reserve which connections of operators may not use either: `superctl` works while clients have all others. */
export const RESERVE_OF_OPERATORS = 16;

/** Whether descriptors run short, before they run out: a client that superd accepts shall get a server. */
export interface Descriptors {
  /** How many descriptors clients must leave free. */
  readonly reserve: number;
  /** @param latest A descriptor that the kernel has just given: it always gives the lowest free one. */
  shortAt(latest: number): boolean;
  short(): boolean;
}

export function descriptors(loop: Loop): Descriptors {
  const [limit] = getResourceLimit(RLIMIT_NOFILE);
  const reserve = Math.min(RESERVE, Math.floor(limit / 2));
  return {
    reserve,
    shortAt: (latest) => latest >= limit - reserve,
    short: () => loop.descriptorsFree() <= reserve,
  };
}
