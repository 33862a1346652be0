import type { PrefixSet } from '../../address/prefix-set.js';
import type { PrefixLimit } from '../../config/plan.js';
import type { Check } from '../check.js';

/** `per_source_prefix`: how many sessions all addresses of one network may have at once. */
export function perPrefixCheck(limits: readonly PrefixLimit[], exempt: PrefixSet | null): Check {
  return {
    reason: 'prefix_limit',
    ask: ({ address }, { byPrefix }) =>
      address !== null &&
      byPrefix !== null &&
      limits.some((limit) => byPrefix.of(address, limit) >= limit.most) &&
      exempt?.has(address) !== true
        ? 'refuse'
        : 'pass',
  };
}
