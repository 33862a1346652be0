import type { CheckKind } from '../check-kind.js';

/** Sources that a sensor, too many refusals or an operator has banned. */
export const banned: CheckKind = {
  reason: 'banned',
  attributes: [],
  build({ plan, context: { bans }, peer }) {
    if (peer === 'none') return null;
    return plan.enforce === 'shadow' ? bans.shadowCheck : bans.check;
  },
  describe({ plan: { enforce }, facts: { address, now }, context: { bans } }) {
    const enforced = address === null ? null : bans.find(address, now);
    const ban = enforced ?? (address === null || enforce === 'on' ? null : bans.shadow.find(address, now));
    if (ban === null) return `not among ${bans.size} bans`;
    const until = ban.until === Number.POSITIVE_INFINITY ? 'forever' : `until ${new Date(ban.until).toISOString()}`;
    return `${ban.text} ${until} by ${ban.cause === 'operator' ? 'an operator' : `${ban.service} (${ban.cause})`}`;
  },
};
