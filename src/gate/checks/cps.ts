import type { CpsPlan } from '../../config/plan.js';
import type { Check, CheckResult } from '../check.js';
import type { CheckKind } from '../check-kind.js';
import type { ConnectionFacts } from '../facts.js';
import type { Tally } from '../tally.js';
import { sourceCpsCheck } from './source-cps.js';

/** `cps`, xinetd.conf(5): connections per second of the whole service or, with `cps_scope = source`, of each source. */
export const cps: CheckKind = {
  reason: 'cps',
  attributes: ['cps', 'cps_scope'],
  build({ plan, exempt, context, peer }) {
    if (plan.cps === null) return null;
    if (plan.cps.scope === 'service') return serviceCpsCheck(plan.cps);
    return peer === 'none' ? null : sourceCpsCheck(plan.cps, exempt, context);
  },
  describe({ plan, facts: { address, now }, tally }) {
    if (plan.cps?.scope !== 'source') return `${tally.cps.count} connections counted, ${plan.cps?.max} a second may come`;
    const times = address === null ? 0 : (tally.cpsBySource?.times(address, now) ?? 0);
    return `${times} of ${plan.cps.max} connections of this source in its second`;
  },
};

/**
 * xinetd averages whole seconds over a window that is as many seconds long as `max` is a number: within the first second exactly `max`
 * connections pass and the next one closes the service, later the average counts.
 */
function serviceCpsCheck({ max }: CpsPlan): Check {
  return {
    reason: 'cps',
    ask(facts, tally): CheckResult {
      const { windowStart, count } = advance(facts, tally, max);
      const seconds = Math.max(1, second(facts) - windowStart);
      return Math.floor(count / seconds) > max ? 'refuse' : 'pass';
    },
    count(facts, tally): void {
      const { windowStart, count } = advance(facts, tally, max);
      tally.cps.windowStart = windowStart;
      tally.cps.count = count;
    },
  };
}

const second = (facts: ConnectionFacts) => Math.floor(facts.now / 1000);

/** The window with this connection in it. */
function advance(facts: ConnectionFacts, tally: Tally, max: number): { windowStart: number; count: number } {
  const { windowStart, count } = tally.cps;
  const elapsed = second(facts) - windowStart;
  return count > 0 && elapsed >= 0 && elapsed < max ? { windowStart, count: count + 1 } : { windowStart: second(facts), count: 1 };
}
