import type { Origin } from '../../errors.js';
import type { ProgramPlan } from './program.js';

/** An init script, which starts and stops its daemon by its own words (LSB, «System Initialization»). */
export interface ScriptPlan {
  /** The name of its file. */
  readonly id: string;
  /** The script itself. */
  readonly origin: Origin;
  /** Short-Description, for people; may be empty. */
  readonly description: string;
  /** The script, without a word. */
  readonly program: ProgramPlan;
  /** What is started before it. */
  readonly after: readonly ScriptLink[];
  /** Where its daemon may have written its number; the first that is there holds. */
  readonly pidfiles: readonly string[];
  /** Its daemon is kept alive. */
  readonly supervise: boolean;
  /** Milliseconds for one word; 0 waits for ever. */
  readonly timeoutMs: number;
}

/** Why a script waits for another service. */
export interface ScriptLink {
  /** Of a script or a daemon. */
  readonly id: string;
  readonly how: 'Required-Start' | 'Should-Start' | 'X-Start-Before';
  /** What stands in the comment: a name that the other provides, or a facility with its $. */
  readonly name: string;
}
