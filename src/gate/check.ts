import type { Decision } from '../access/index.js';
import type { RefusalReason } from '../report/event.js';
import type { ConnectionFacts } from './facts.js';
import type { Tally } from './tally.js';
import type { MissingFact } from './verdict.js';

/** A `Decision` is the answer of the access rules where it is more than yes or no. */
export type CheckResult = 'pass' | 'refuse' | MissingFact | Decision;

/** One of a gate's ordered checks. */
export interface Check {
  readonly reason: RefusalReason;
  /** Decides without changing anything, because `explain` calls it too. */
  ask(facts: ConnectionFacts, tally: Tally): CheckResult;
  /** Counts a connection that reached this check, whatever the verdict. */
  count?(facts: ConnectionFacts, tally: Tally): void;
  /** For a refusal that time alone ends: when the source will pass, in milliseconds since the epoch. */
  opensAt?(facts: ConnectionFacts, tally: Tally): number;
}
