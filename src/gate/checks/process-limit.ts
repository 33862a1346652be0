import type { Check } from '../check.js';
import type { GateContext } from '../context.js';

/** `-limit`, xinetd(8): instances of all services together. */
export function processLimitCheck({ running, processLimit }: GateContext): Check {
  return { reason: 'process_limit', ask: () => (running() >= processLimit ? 'refuse' : 'pass') };
}
