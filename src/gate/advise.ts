import type { Arrivals, Peaks } from './arrivals.js';

/** Room above what ninety-nine of a hundred sources do. */
const MARGIN = 1.5;

/** How the sources of a service are spread: half, nine of ten, ninety-nine of a hundred, and all of them do no more. */
export interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

/** What limits would hold back hardly anybody who came so far, and what that rests on. Times in milliseconds since the epoch. */
export interface Advice {
  readonly connections: number;
  readonly sources: number;
  /** Of which nothing is known any more. */
  readonly forgotten: number;
  readonly since: number;
  readonly until: number;
  /** Sessions at once, connections in ten seconds and in a minute, of each source. */
  readonly atOnce: Spread;
  readonly burst: Spread;
  readonly perMinute: Spread;
  /** As they would stand in the configuration. */
  readonly proposed: readonly string[];
}

/**
 * Limits for single sources, from what was seen of them; null when nothing was.
 *
 * @example advise(arrivals, now)?.proposed // ['per_source = 3', 'rate_per_source = 18/m burst 6']
 */
export function advise(arrivals: Arrivals, now: number): Advice | null {
  const peaks = arrivals.peaks(now);
  if (peaks.length === 0) return null;
  const [atOnce, burst, perMinute] = [spread(peaks, 'atOnce'), spread(peaks, 'burst'), spread(peaks, 'perMinute')];
  const { connections, forgotten, since, until } = arrivals;
  return {
    ...{ connections, sources: peaks.length, forgotten, since, until, atOnce, burst, perMinute },
    proposed: [`per_source = ${above(atOnce.p99)}`, `rate_per_source = ${above(perMinute.p99)}/m burst ${above(burst.p99)}`],
  };
}

const above = (value: number) => Math.ceil(value * MARGIN);

function spread(peaks: readonly Peaks[], what: keyof Peaks): Spread {
  const sorted = Float64Array.from(peaks, (one) => one[what]).sort();
  // The nearest rank: so many of a hundred do no more.
  const at = (percent: number) => sorted[Math.ceil((percent * sorted.length) / 100) - 1] as number;
  return { p50: at(50), p90: at(90), p99: at(99), most: at(100) };
}
