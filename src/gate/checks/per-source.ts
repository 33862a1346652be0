import type { Check } from '../check.js';

/** `per_source`, xinetd.conf(5): how many instances one address may have at once. Says nothing where the address is unknown. */
export function perSourceCheck(limit: number): Check {
  return {
    reason: 'per_source_limit',
    ask: ({ source }, tally) => (source !== '' && (tally.runningBySource.get(source) ?? 0) >= limit ? 'refuse' : 'pass'),
  };
}
