import type { GatePlan } from '../../config/plan.js';
import type { Check } from '../check.js';
import type { GateContext } from '../context.js';

/** `access_times`, xinetd.conf(5): local time, both ends of a range belong to it, and a range may run over midnight. */
export function timesCheck(ranges: NonNullable<GatePlan['accessTimes']>, { minuteOfDay }: GateContext): Check {
  const within = (minute: number) =>
    ranges.some(({ from, to }) => (from <= to ? minute >= from && minute <= to : minute >= from || minute <= to));
  return { reason: 'time', ask: ({ now }) => (within(minuteOfDay(now)) ? 'pass' : 'refuse') };
}
