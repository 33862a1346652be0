import type { Diagnostic } from '../../config/diagnostic.js';
import type { Plan } from '../../config/plan.js';
import type { Result } from '../../control/protocol.js';

/** What the checks examine: the configuration files and the running superd, if there is one. */
export interface CheckContext {
  /** The main configuration file, absolute. */
  readonly config: string;
  /** null when the file cannot be read. */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly daemon: RunningDaemon | null;
  /** The state directory; null when superd keeps none. */
  readonly state: string | null;
  readonly pidfile: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the running superd says about itself. */
export type RunningDaemon = Result<'version'>;
