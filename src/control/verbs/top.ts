import type { Unit } from '../../engine/unit.js';
import { nextTurn } from '../../guarded.js';
import { usesOf } from '../../os/proc.js';
import { refusalReasons } from '../../report/event.js';
import type { Histogram } from '../../report/metrics/histogram.js';
import type { Metrics, ServiceMetrics } from '../../report/metrics/metrics.js';
import { count, type Infer, list, nullable, number, object, record, string } from '../schema.js';
import { now, unitFacts } from '../shared-schemas.js';
import { unitFactsOf } from '../unit-facts.js';
import { defineVerb } from '../verb.js';

/** Processes read in one turn of the event loop: reading /proc takes about 20 µs a process. */
const BATCH = 100;

/** superd reads at most this many processes. */
const MAX_PROCESSES = 5000;

const distribution = object(
  {
    bounds: list(number('Seconds'), 'Upper bounds of the buckets'),
    counts: list(count(), 'Observations in each bucket; the last bucket has no upper bound'),
    sum: number('Seconds'),
  },
  'A histogram, since superd started',
);
export type Distribution = Infer<typeof distribution>;

const refusals = record(count(), 'By reason; reasons without a refusal are absent');

const service = object({
  unit: unitFacts,
  refusals,
  cpuMs: number('CPU time of its processes, ended ones included, without their children'),
  residentBytes: nullable(count('Memory of its present processes; null without any')),
});
export type TopService = Infer<typeof service>;

const result = object({
  now,
  version: string(),
  startedAt: count('Milliseconds since the epoch'),
  superd: object({ pid: count(), cpuMs: number(), residentBytes: count(), heapBytes: count() }, 'superd itself'),
  accepted: count('Connections since superd started'),
  refusals,
  spawns: distribution,
  loopDelay: distribution,
  bans: count('Banned sources'),
  services: list(service),
});
export type Top = Infer<typeof result>;

export const top = defineVerb({
  name: 'top',
  role: 'read',
  params: object({}),
  result,
  async run(_, { daemon }) {
    const { engine, metrics, loopDelay, version, startedAt } = daemon;
    loopDelay.keepMeasuring();
    const services = await servicesOf(engine.units(), metrics);
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    return {
      now: Math.round(daemon.now()),
      version,
      startedAt: Math.round(startedAt),
      superd: { pid: process.pid, cpuMs: (user + system) / 1000, residentBytes: rss, heapBytes: heapUsed },
      accepted: metrics.accepted,
      refusals: refusalsOf([...metrics.services.values()]),
      spawns: distributionOf(metrics.spawns),
      loopDelay: distributionOf(loopDelay.seconds),
      bans: engine.banning.list().length,
      services,
    };
  },
});

async function servicesOf(units: readonly Unit[], metrics: Metrics): Promise<TopService[]> {
  const services: TopService[] = [];
  let read = 0;
  for (const unit of units) {
    const facts = unitFactsOf(unit);
    const counted = metrics.services.get(unit.id);
    let cpuMs = counted === undefined ? 0 : (counted.userMicroseconds + counted.systemMicroseconds) / 1000;
    let residentBytes: number | null = null;
    for (const pids of batchesOf(facts.pids.slice(0, Math.max(0, MAX_PROCESSES - read)))) {
      if (read > 0) await nextTurn();
      read += pids.length;
      for (const use of usesOf(pids).values()) {
        cpuMs += use.cpuMs;
        residentBytes = (residentBytes ?? 0) + use.residentBytes;
      }
    }
    services.push({ unit: facts, refusals: counted === undefined ? {} : refusalsOf([counted]), cpuMs, residentBytes });
  }
  return services;
}

function batchesOf(pids: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(pids.length / BATCH) }, (_, i) => pids.slice(i * BATCH, (i + 1) * BATCH));
}

function refusalsOf(services: readonly ServiceMetrics[]): Record<string, number> {
  const sums = refusalReasons.map((reason) => [reason, services.reduce((sum, one) => sum + one.refusals(reason), 0)] as const);
  return Object.fromEntries(sums.filter(([, sum]) => sum > 0));
}

function distributionOf({ bounds, counts, sum }: Histogram): Distribution {
  return { bounds, counts: [...counts], sum };
}
