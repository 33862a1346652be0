import { residentBytesOf, type Stat } from '../os/proc.js';
import { ask } from './probe.js';
import type { ReadinessView } from './readiness.js';

/** What is looked at while a daemon is up. */
export interface Health {
  stop(): void;
}

export interface HealthView extends ReadinessView {
  members(): readonly Stat[];
  unhealthy(why: string): void;
}

/** A daemon that has no time for one question is not sick yet. */
const UNANSWERED = 3;
const MEMORY_EVERY_MS = 5000;

/** Asks what `live` asks, and looks at the memory that `memory_max` bounds. */
export function watchHealth(view: HealthView): Health {
  const { live, memoryMax } = view.plan;
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const every = (ms: number, look: () => Promise<void> | void) => {
    const timer = setTimeout(async () => {
      timers.delete(timer);
      await look();
      if (!stopped) every(ms, look);
    }, ms);
    timers.add(timer);
  };
  let unanswered = 0;
  if (live !== null)
    every(live.everyMs, async () => {
      unanswered = (await ask(live.probe, view)) ? 0 : unanswered + 1;
      if (!stopped && unanswered === UNANSWERED) view.unhealthy(`no answer to ${UNANSWERED} questions (live)`);
    });
  if (memoryMax !== null)
    every(Math.min(MEMORY_EVERY_MS, 5000), () => {
      const bytes = view.members().reduce((sum, { pid }) => sum + residentBytesOf(pid), 0);
      if (bytes > memoryMax) view.unhealthy(`${Math.round(bytes / 1024 ** 2)} MiB of memory (memory_max)`);
    });
  return {
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
