import type { CheckKind } from '../check-kind.js';

/** `max_load`, xinetd.conf(5): refuses while the one-minute load average is at the limit or above. */
export const load: CheckKind = {
  reason: 'load',
  attributes: ['max_load'],
  build: ({ plan: { maxLoad: limit }, context }) =>
    limit === null ? null : { reason: 'load', ask: () => (context.load() >= limit ? 'refuse' : 'pass') },
  describe: ({ plan, context }) => `load ${context.load()}, refused from ${plan.maxLoad}`,
};
