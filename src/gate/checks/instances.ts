import type { Check } from '../check.js';

/** `instances`, xinetd.conf(5): with `limit` running the next is refused; 0 refuses all. */
export function instancesCheck(limit: number): Check {
  return { reason: 'service_limit', ask: (_facts, tally) => (tally.running >= limit ? 'refuse' : 'pass') };
}
