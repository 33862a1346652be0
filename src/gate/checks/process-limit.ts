import type { CheckKind } from '../check-kind.js';

/** `-limit`, xinetd(8): the most sessions of all services together. */
export const processLimit: CheckKind = {
  reason: 'process_limit',
  attributes: [],
  build: ({ context: { running, processLimit: limit } }) =>
    limit === Number.POSITIVE_INFINITY ? null : { reason: 'process_limit', ask: () => (running() >= limit ? 'refuse' : 'pass') },
  describe: ({ context }) => `${context.running()} of ${context.processLimit} sessions of all services (--limit)`,
};
