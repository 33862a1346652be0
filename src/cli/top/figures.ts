import type { Distribution, Top, TopService } from '../../control/verbs/top.js';

/** Snapshots to keep: the distributions cover this many. */
const MAX_SNAPSHOTS = 60;

/** Rates cover this many snapshots: over a single one they would jump. */
const RATE_SNAPSHOTS = 5;

/** The last snapshots, oldest first; never empty. */
export type History = readonly [Top, ...Top[]];

/** The history with one more snapshot; it begins anew when another superd answers. */
export function appendSnapshot(history: History, top: Top): History {
  const last = latest(history);
  if (last.superd.pid !== top.superd.pid || last.startedAt !== top.startedAt) return [top];
  return [...history, top].slice(-MAX_SNAPSHOTS) as [Top, ...Top[]];
}

export const latest = (history: History): Top => history[history.length - 1] as Top;

/** The two snapshots that rates compare. */
export interface Span {
  readonly before: Top;
  readonly now: Top;
  /** 0 while there is only one snapshot. */
  readonly seconds: number;
}

export function spanOf(history: History): Span {
  const now = latest(history);
  const before = history[Math.max(0, history.length - 1 - RATE_SNAPSHOTS)] as Top;
  return { before, now, seconds: Math.max(0, now.now - before.now) / 1000 };
}

/** How much a counter grew per second; null with only one snapshot. */
export function rate(now: number, before: number, { seconds }: Span): number | null {
  return seconds === 0 ? null : Math.max(0, now - before) / seconds;
}

/** CPU time in percent of one processor; null with only one snapshot. */
export function percent(nowMs: number, beforeMs: number, span: Span): number | null {
  const msPerSecond = rate(nowMs, beforeMs, span);
  return msPerSecond === null ? null : msPerSecond / 10;
}

/** @example perSecond(2.26) // '2.3' */
export const perSecond = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

export const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, one) => sum + one, 0);

/** One service in the table. */
export interface ServiceRow {
  readonly key: string;
  readonly service: TopService;
  readonly startRate: number | null;
  readonly refuseRate: number | null;
  readonly cpu: number | null;
}

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

/** Services by id, numbered because several may share one. */
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
 * An upper bound of a quantile: `≤2.5ms`; `-` without values.
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
  return bound === undefined ? `>${milliseconds(now.bounds[now.bounds.length - 1] as number)}` : `≤${milliseconds(bound)}`;
}

function milliseconds(seconds: number): string {
  return seconds < 1 ? `${Number((seconds * 1000).toFixed(2))}ms` : `${seconds}s`;
}
