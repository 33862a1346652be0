import type { Diagnostic } from '../../config/diagnostic.js';
import type { Plan } from '../../config/plan.js';
import type { Result } from '../../control/protocol.js';

/** What is examined: the configuration in the files, and the superd that runs, if one does. */
export interface Patient {
  /** The main configuration file, absolute. */
  readonly config: string;
  /** What could be read of it; null when nothing could. */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly daemon: RunningDaemon | null;
  /** The state directory; null where none is kept. */
  readonly state: string | null;
  readonly pidfile: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What it says of itself. */
export type RunningDaemon = Result<'version'>;
