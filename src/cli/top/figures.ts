import type { Distribution, Top, TopService } from '../../control/verbs/top.js';

/** Snapshots that are kept: the distributions shown are those of so many. */
const MOST_KEPT = 60;

/** Rates are those since so many snapshots ago: one alone would jump. */
const RATE_SPAN = 5;

/** The last snapshots, oldest first; never empty. */
export type History = readonly [Top, ...Top[]];

/** Of another superd than before nothing is comparable. */
export function remember(history: History, top: Top): History {
  const last = latest(history);
  if (last.superd.pid !== top.superd.pid || last.startedAt !== top.startedAt) return [top];
  return [...history, top].slice(-MOST_KEPT) as [Top, ...Top[]];
}

export const latest = (history: History): Top => history[history.length - 1] as Top;

/** What has changed since a moment ago, and how long ago that was. */
export interface Span {
  readonly before: Top;
  readonly now: Top;
  /** 0 while there is one snapshot only. */
  readonly seconds: number;
}

export function spanOf(history: History): Span {
  const now = latest(history);
  const before = history[Math.max(0, history.length - 1 - RATE_SPAN)] as Top;
  return { before, now, seconds: Math.max(0, now.now - before.now) / 1000 };
}

/** How often a second; null when nobody knows yet. */
export function rate(now: number, before: number, { seconds }: Span): number | null {
  return seconds === 0 ? null : Math.max(0, now - before) / seconds;
}

/** Processor time in percent of one processor; null when nobody knows yet. */
export function percent(nowMs: number, beforeMs: number, span: Span): number | null {
  const perSecond = rate(nowMs, beforeMs, span);
  return perSecond === null ? null : perSecond / 10;
}

export const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, one) => sum + one, 0);

/** One service in the table. */
export interface ServiceRow {
  readonly key: string;
  readonly service: TopService;
  readonly startRate: number | null;
  readonly refuseRate: number | null;
  readonly cpu: number | null;
}

/** Services that share an id are told apart by where they stand among those. */
export function serviceRows(history: History): ServiceRow[] {
  const span = spanOf(history);
  const before = new Map(keyed(span.before.services));
  return keyed(span.now.services).map(([key, service]) => {
    const was = before.get(key) ?? service;
    return {
      key,
      service,
      startRate: rate(service.unit.started, was.unit.started, span),
      refuseRate: rate(service.unit.refused, was.unit.refused, span),
      cpu: percent(service.cpuMs, was.cpuMs, span),
    };
  });
}

function keyed(services: readonly TopService[]): [string, TopService][] {
  const seen = new Map<string, number>();
  return services.map((service) => {
    const { id } = service.unit;
    const nth = seen.get(id) ?? 0;
    seen.set(id, nth + 1);
    return [`${id} ${nth}`, service];
  });
}

/**
 * A value that so large a part does not exceed, in words: `≤2.5ms`; `-` where there is none.
 *
 * @param part From 0 to 1.
 */
export function quantile(part: number, now: Distribution, before: Distribution | null): string {
  const counts = now.counts.map((count, i) => count - (before?.counts[i] ?? 0));
  const wanted = counts.reduce((sum, one) => sum + one, 0) * part;
  if (wanted === 0) return '-';
  let sum = 0;
  const at = counts.findIndex((count) => (sum += count) >= wanted);
  const bound = now.bounds[at];
  return bound === undefined ? `>${ms(now.bounds[now.bounds.length - 1] as number)}` : `≤${ms(bound)}`;
}

function ms(seconds: number): string {
  return seconds < 1 ? `${Number((seconds * 1000).toFixed(2))}ms` : `${seconds}s`;
}
