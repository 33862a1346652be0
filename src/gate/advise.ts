import type { Arrivals, Peaks } from './arrivals.js';

/** Headroom above the 99th percentile. */
const MARGIN = 1.5;

/** Percentiles over the sources of a service, and the highest value. */
export interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

/** Proposed limits that would refuse hardly any source seen so far, and the data behind them. Times in milliseconds since the epoch. */
export interface Advice {
  readonly connections: number;
  readonly sources: number;
  /** Sources that were forgotten for lack of room. */
  readonly forgotten: number;
  readonly since: number;
  readonly until: number;
  /** Per source: sessions at once, connections in ten seconds and in a minute. */
  readonly atOnce: Spread;
  readonly burst: Spread;
  readonly perMinute: Spread;
  /** Lines for the configuration. */
  readonly proposed: readonly string[];
}

/**
 * Proposes limits for single sources from the recorded arrivals; null without any.
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
  // Nearest rank.
  const at = (percent: number) => sorted[Math.ceil((percent * sorted.length) / 100) - 1] as number;
  return { p50: at(50), p90: at(90), p99: at(99), most: at(100) };
}
