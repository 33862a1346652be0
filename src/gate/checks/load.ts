import type { Check } from '../check.js';
import type { GateContext } from '../context.js';

/** `max_load`, xinetd.conf(5): refuses while the one-minute load average is at the limit or above. */
export function loadCheck(limit: number, { load }: GateContext): Check {
  return { reason: 'load', ask: () => (load() >= limit ? 'refuse' : 'pass') };
}
