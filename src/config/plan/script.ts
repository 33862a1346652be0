import type { Origin } from '../../errors.js';
import type { ProgramPlan } from './program.js';

/** An init script: its own words start and stop its daemon (LSB, «System Initialization»). */
export interface ScriptPlan {
  /** The name of its file. */
  readonly id: string;
  /** The script itself. */
  readonly origin: Origin;
  /** The Short-Description; may be empty. */
  readonly description: string;
  /** The script, without one of its words. */
  readonly program: ProgramPlan;
  /** The services that superd starts before it. */
  readonly after: readonly ScriptLink[];
  /** Where its daemon may have written its process number; the first existing file counts. */
  readonly pidfiles: readonly string[];
  /** Whether superd keeps its daemon alive. */
  readonly supervise: boolean;
  /** Milliseconds for one word; 0 for no limit. */
  readonly timeoutMs: number;
}

/** The reason a script waits for another service. */
export interface ScriptLink {
  /** The id of a script or a daemon. */
  readonly id: string;
  readonly how: 'Required-Start' | 'Should-Start' | 'X-Start-Before';
  /** The word in the comment: a name that the other service provides, or a facility with its $. */
  readonly name: string;
}
