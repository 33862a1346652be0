import type { Plan } from '../config/plan.js';
import type { Engine } from '../engine/engine.js';
import type { Event } from '../report/event.js';

/** What the control socket needs of the daemon; made by superd/run. */
export interface Controlled {
  readonly engine: Engine;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The main configuration file. */
  readonly configPath: string;
  /** Milliseconds since the epoch; not always the machine's clock (`--clock`). */
  now(): number;
  /** Who may ask: that of the plan that runs. */
  callers(): Plan['control'];
  /** Ends superd with everything it has started. */
  shutdown(): void;
  /** Hears what went wrong in superd itself. */
  onError(error: unknown): void;
  /** @returns what ends the listening. */
  onEvent(listener: (event: Event) => void): () => void;
}
