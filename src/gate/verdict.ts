import type { Decision, Effect, Need } from '../access/index.js';
import type { RefusalReason } from '../report/event.js';

export interface Admission {
  readonly kind: 'admit';
  /** What the access rules say beyond yes, or null. */
  readonly ruling: Decision | null;
  /** With `enforce = shadow`: the refusal that enforcement would have brought. */
  readonly shadowed?: Refusal;
  /** Under enforcement the connection would not have reached the gate, so no check counts it. */
  readonly uncounted?: boolean;
}

export interface Refusal {
  readonly kind: 'refuse';
  readonly reason: RefusalReason;
  /** The access rule behind it and the effects it asks for, or null. */
  readonly ruling: Decision | null;
}

/** A fact that a check cannot decide without. */
export interface MissingFact {
  readonly need: Need;
  /** Effects that earlier access-rule options asked for: a command sees the environment they make. */
  readonly effects: readonly Effect[];
}

/** A check lacks a fact: look it up, `facts.asked.learn` it, and ask the gate again. `reason` is what the check would refuse for. */
export interface Postponement extends MissingFact {
  readonly kind: 'wait';
  readonly reason: RefusalReason;
}

export type Verdict = Admission | Refusal | Postponement;
