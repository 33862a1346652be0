import type { CheckKind } from '../check-kind.js';
import { networkOf } from '../prefix-tally.js';

/** `per_source_prefix`: the most sessions that all addresses of one network may have at once. */
export const perPrefix: CheckKind = {
  reason: 'prefix_limit',
  attributes: ['per_source_prefix', 'limit_exempt'],
  build({ plan: { perPrefix: limits }, exempt, peer }) {
    if (peer === 'none' || limits.length === 0) return null;
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
  },
  describe({ plan, facts: { address }, tally }) {
    if (address === null) return '';
    const networks = plan.perPrefix.flatMap((limit) => {
      const network = networkOf(address, limit);
      return network === null ? [] : [`${tally.byPrefix?.of(address, limit) ?? 0} of ${limit.most} sessions of ${network}`];
    });
    return networks.join(', ');
  },
};
