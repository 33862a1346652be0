import { readdirSync } from 'node:fs';
import { isUp, type Unit } from '../engine/unit.js';
import { refusalReasons } from '../report/event.js';
import type { Samples } from '../report/metrics/exposition.js';
import type { LoopDelay } from '../report/metrics/loop-delay.js';
import type { Metrics, ServiceMetrics } from '../report/metrics/metrics.js';
import type { ControlContext } from './control-context.js';

/** Metrics label services by id: those that share an id count as one. */
interface ServiceTotals {
  up: boolean;
  sessions: number;
  restarts: number;
}

/** The present values of all metrics. */
export function metricsSamples({ engine, metrics, loopDelay, version, startedAt }: ControlContext): Samples {
  loopDelay.keepMeasuring();
  const totals = totalsOf(engine.units());
  metrics.keepOnly(new Set(totals.keys()));
  return {
    ...superdSamples(metrics, loopDelay, version, startedAt),
    superd_bans: one(engine.banning.list().length),
    ...totalSamples(totals),
    ...serviceSamples([...metrics.services]),
  };
}

function superdSamples(metrics: Metrics, loopDelay: LoopDelay, version: string, startedAt: number) {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  return {
    superd_build_info: [{ labels: [version], value: 1 }],
    superd_connections_accepted_total: one(metrics.accepted),
    superd_datagrams_received_total: one(metrics.datagrams),
    superd_spawn_duration_seconds: [{ labels: [], value: metrics.spawns }],
    superd_log_lines_lost_total: [...metrics.linesLost].map(([sink, value]) => ({ labels: [sink], value })),
    superd_event_loop_delay_seconds: [{ labels: [], value: loopDelay.seconds }],
    process_cpu_seconds_total: one((user + system) / 1e6),
    process_resident_memory_bytes: one(rss),
    process_open_fds: one(openDescriptors()),
    process_start_time_seconds: one(startedAt / 1000),
    nodejs_heap_size_used_bytes: one(heapUsed),
    nodejs_heap_size_total_bytes: one(heapTotal),
  };
}

function totalSamples(totals: ReadonlyMap<string, ServiceTotals>) {
  const each = (value: (total: ServiceTotals) => number) => [...totals].map(([id, total]) => ({ labels: [id], value: value(total) }));
  return {
    superd_service_up: each(({ up }) => (up ? 1 : 0)),
    superd_sessions: each(({ sessions }) => sessions),
    superd_service_restarts_total: each(({ restarts }) => restarts),
  };
}

function serviceSamples(services: readonly (readonly [string, ServiceMetrics])[]) {
  const each = (value: (service: ServiceMetrics) => number) => services.map(([id, service]) => ({ labels: [id], value: value(service) }));
  /** Leaves out services for which both values are 0. */
  const pair = (label: readonly [string, string], values: (service: ServiceMetrics) => readonly [number, number]) =>
    services.flatMap(([id, service]) =>
      values(service)[0] + values(service)[1] === 0 ? [] : values(service).map((value, i) => ({ labels: [id, label[i] as string], value })),
    );
  return {
    superd_sessions_started_total: each(({ started }) => started),
    superd_sessions_failed_total: each(({ failed }) => failed),
    superd_service_pauses_total: each(({ paused }) => paused),
    superd_sessions_refused_total: services.flatMap(([id, service]) =>
      refusalReasons.map((reason) => ({ labels: [id, reason], value: service.refusals(reason) })).filter(({ value }) => value > 0),
    ),
    superd_session_duration_seconds: services.flatMap(([id, { durations }]) =>
      durations === null ? [] : [{ labels: [id], value: durations }],
    ),
    superd_session_cpu_seconds_total: pair(['user', 'system'], (one) => [one.userMicroseconds / 1e6, one.systemMicroseconds / 1e6]),
    superd_relayed_bytes_total: pair(['client', 'target'], (one) => [one.fromClient, one.fromTarget]),
  };
}

function totalsOf(units: readonly Unit[]): Map<string, ServiceTotals> {
  const totals = new Map<string, ServiceTotals>();
  for (const { id, state, sessions, counters } of units) {
    const total = totals.get(id) ?? { up: true, sessions: 0, restarts: 0 };
    total.up &&= isUp(state);
    total.sessions += sessions.size;
    total.restarts += counters.restarts;
    totals.set(id, total);
  }
  return totals;
}

/** Does not count the descriptor that reads the directory. */
export function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return 0;
  }
}

const one = (value: number) => [{ labels: [], value }];
