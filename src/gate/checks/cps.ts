import type { Check, CheckResult } from '../check.js';
import type { ConnectionFacts } from '../facts.js';
import type { Tally } from '../tally.js';

/**
 * `cps`, xinetd.conf(5): connections per second. xinetd averages whole seconds over a window that is as many seconds long as
 * `max` is a number: within the first second exactly `max` pass and the next one closes the service, later the average counts.
 */
export function cpsCheck(max: number): Check {
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

/** The window as it stands with this connection in it. */
function advance(facts: ConnectionFacts, tally: Tally, max: number): { windowStart: number; count: number } {
  const { windowStart, count } = tally.cps;
  const elapsed = second(facts) - windowStart;
  return count > 0 && elapsed >= 0 && elapsed < max ? { windowStart, count: count + 1 } : { windowStart: second(facts), count: 1 };
}
