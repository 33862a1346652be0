import type { Decision, Effect, Need } from '../access/index.js';
import type { RefusalReason } from '../report/event.js';
import type { ConnectionFacts, Tally } from './facts.js';

/** What a check that hangs on a fact wants to have looked up. */
export interface Wanting {
  readonly need: Need;
  /** What options of the access rules asked for before: a command sees the environment that they make. */
  readonly effects: readonly Effect[];
}

/** A `Decision` is what the access rules say where more comes with it than yes or no. */
export type CheckResult = 'pass' | 'refuse' | Wanting | Decision;

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
