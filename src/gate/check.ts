import type { RefusalReason } from '../report/event.js';
import type { Facts, Tally } from './facts.js';

/** `name`: it hangs on the client's host name, which has to be looked up first. */
export type Answer = 'pass' | 'refuse' | 'name';

/** One of the ordered questions. A check that is not configured does not stand in the list. */
export interface Check {
  readonly reason: RefusalReason;
  /** Tells, and changes nothing: `explain` calls it as well. */
  ask(facts: Facts, tally: Tally): Answer;
  /** Counts a connection that came as far as this check, whatever was answered. */
  count?(facts: Facts, tally: Tally): void;
}
