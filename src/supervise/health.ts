import { runLater } from '../guarded.js';
import type { ProcessFacts } from '../os/proc.js';
import { answers, type ProbeTarget } from './probe.js';

/** The checks of a daemon that is running. */
export interface Health {
  stop(): void;
}

export interface HealthTarget extends ProbeTarget {
  members(): readonly ProcessFacts[];
  unhealthy(why: string): void;
}

/** Failed probes in a row: a daemon that is too busy for one is not unhealthy yet. */
const FAILED_PROBES = 3;
const MEMORY_EVERY_MS = 5000;

/** Probes as `live` says, and checks `memory_max`. */
export function watchHealth(target: HealthTarget): Health {
  const { live, memoryMax } = target.plan;
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const every = (ms: number, check: () => Promise<void> | void) => {
    const timer = runLater(async () => {
      timers.delete(timer);
      try {
        await check();
      } finally {
        if (!stopped) every(ms, check);
      }
    }, ms);
    timers.add(timer);
  };
  let failed = 0;
  if (live !== null)
    every(live.everyMs, async () => {
      failed = (await answers(live.probe, target)) ? 0 : failed + 1;
      if (!stopped && failed === FAILED_PROBES) target.unhealthy(`no answer to ${FAILED_PROBES} probes (live)`);
    });
  if (memoryMax !== null)
    every(MEMORY_EVERY_MS, () => {
      const bytes = target.members().reduce((sum, { residentBytes }) => sum + residentBytes, 0);
      if (bytes > memoryMax) target.unhealthy(`${Math.round(bytes / 1024 ** 2)} MiB of memory (memory_max)`);
    });
  return {
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
