import type { PrefixSet } from '../../address/prefix-set.js';
import type { Check } from '../check.js';

/** `per_source`, xinetd.conf(5): how many instances one address may have at once. Says nothing where the address is unknown. */
export function perSourceCheck(limit: number, exempt: PrefixSet | null): Check {
  return {
    reason: 'per_source_limit',
    ask: ({ source, address }, tally) =>
      source !== '' && (tally.runningBySource.get(source) ?? 0) >= limit && (exempt === null || address === null || !exempt.has(address))
        ? 'refuse'
        : 'pass',
  };
}
