import type { CheckKind } from '../check-kind.js';

/** `per_source`, xinetd.conf(5): the most sessions one address may have at once. Passes a connection without an address. */
export const perSource: CheckKind = {
  reason: 'per_source_limit',
  attributes: ['per_source', 'limit_exempt'],
  build({ plan: { perSource: limit }, exempt }) {
    if (limit === Number.POSITIVE_INFINITY) return null;
    return {
      reason: 'per_source_limit',
      ask: ({ source, address }, tally) =>
        source !== '' && (tally.runningBySource.get(source) ?? 0) >= limit && (exempt === null || address === null || !exempt.has(address))
          ? 'refuse'
          : 'pass',
    };
  },
  describe: ({ plan, facts, tally }) => `${tally.runningBySource.get(facts.source) ?? 0} of ${plan.perSource} sessions of this source`,
};
