import type { CheckKind } from '../check-kind.js';

/** `instances`, xinetd.conf(5): with that many sessions running, the next is refused; 0 refuses all. */
export const instances: CheckKind = {
  reason: 'service_limit',
  attributes: ['instances'],
  build: ({ plan: { instances: limit } }) =>
    limit === Number.POSITIVE_INFINITY
      ? null
      : { reason: 'service_limit', ask: (_facts, tally) => (tally.running >= limit ? 'refuse' : 'pass') },
  describe: ({ plan, tally }) => `${tally.running} of ${plan.instances} sessions`,
};
