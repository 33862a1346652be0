import type { Decision } from '../access/index.js';
import type { RefusalReason } from '../report/event.js';
import type { ConnectionFacts } from './facts.js';
import type { Tally } from './tally.js';
import type { MissingFact } from './verdict.js';

/** A `Decision` is what the access rules say where more comes with it than yes or no. */
export type CheckResult = 'pass' | 'refuse' | MissingFact | Decision;

/** One of the ordered questions. A check that is not configured does not stand in the list. */
export interface Check {
  readonly reason: RefusalReason;
  /** Tells, and changes nothing: `explain` calls it as well. */
  ask(facts: ConnectionFacts, tally: Tally): CheckResult;
  /** Counts a connection that came as far as this check, whatever was answered. */
  count?(facts: ConnectionFacts, tally: Tally): void;
  /** Where time alone mends it: when a source that is refused now will pass, milliseconds since the epoch. */
  opensAt?(facts: ConnectionFacts, tally: Tally): number;
}
