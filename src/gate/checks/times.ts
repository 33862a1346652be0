import type { CheckKind } from '../check-kind.js';

const two = (number: number) => String(number).padStart(2, '0');

/** `access_times`, xinetd.conf(5): local time, both ends of a range included; a range may run over midnight. */
export const times: CheckKind = {
  reason: 'time',
  attributes: ['access_times'],
  build({ plan: { accessTimes }, context: { minuteOfDay } }) {
    if (accessTimes === null) return null;
    const within = (minute: number) =>
      accessTimes.some(({ from, to }) => (from <= to ? minute >= from && minute <= to : minute >= from || minute <= to));
    return { reason: 'time', ask: ({ now }) => (within(minuteOfDay(now)) ? 'pass' : 'refuse') };
  },
  describe({ facts: { now }, context }) {
    const minute = context.minuteOfDay(now);
    return `it is ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  },
};
