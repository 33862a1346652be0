import type { PrefixSet } from '../../address/prefix-set.js';
import type { CpsPlan } from '../../config/plan.js';
import type { Check, CheckResult } from '../check.js';
import type { GateContext } from '../context.js';
import { Window } from '../window.js';

const SECOND_MS = 1000;

/**
 * `cps` with `cps_scope = source`: each source may make `max` connections in a second, which begins with its first. A source that makes
 * more is refused for as long as the whole service would otherwise be closed.
 */
export function sourceCpsCheck({ max, waitSeconds }: CpsPlan, exempt: PrefixSet | null, { hashKey, reportEvictions }: GateContext): Check {
  return {
    reason: 'cps',
    ask({ address, now }, tally): CheckResult {
      if (address === null || tally.cpsBySource === null || exempt?.has(address) === true) return 'pass';
      return tally.cpsBySource.times(address, now) >= max ? 'refuse' : 'pass';
    },
    count({ address, now }, tally): void {
      if (address === null || exempt?.has(address) === true) return;
      tally.cpsBySource ??= new Window(hashKey(), SECOND_MS);
      const times = tally.cpsBySource.times(address, now);
      if (times > max) return;
      tally.cpsBySource.add(address, now);
      if (times === max) tally.cpsBySource.hold(address, now, waitSeconds * SECOND_MS);
      reportEvictions(tally.cpsBySource.table);
    },
    opensAt: ({ address, now }, tally) => (address === null ? now : (tally.cpsBySource?.end(address, now) ?? now)),
  };
}
