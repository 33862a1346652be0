import type { ControlClientIdentity, Role } from './client-identity.js';
import type { ControlContext } from './control-context.js';
import type { Schema } from './schema.js';
import type { SummarizedVerb } from './summaries.js';

/** What a verb is told beside its parameters. */
export interface Call {
  readonly daemon: ControlContext;
  readonly caller: ControlClientIdentity;
  /** Aborted when the client has left before the answer. */
  readonly gone: AbortSignal;
}

/** Something that superd does for whoever asks at the control socket: one name at every layer. */
export interface Verb<P, R> {
  readonly name: SummarizedVerb;
  /** `read` changes nothing and is asked with GET, `admin` with POST. */
  readonly role: Role;
  readonly params: Schema<P>;
  readonly result: Schema<R>;
  run(params: P, call: Call): R | Promise<R>;
}

type Disposer = (() => void) | null;

/** A verb whose answer comes bit by bit: server-sent events where it goes on for ever, one list where it ends. */
export interface StreamVerb<P, I> {
  readonly name: SummarizedVerb;
  readonly role: Role;
  readonly params: Schema<P>;
  readonly item: Schema<I>;
  /**
   * Hands over what there is, and then, for ever, what comes.
   *
   * @param finish Ends the stream from this side: nothing more will come.
   * @returns what is called when it is over, also when the client leaves; null when all has been handed over already.
   */
  open(params: P, call: Call, hand: (item: I) => void, finish: () => void): Disposer | Promise<Disposer>;
}

/** Fixes the types of a verb to what its schemas say. */
export function defineVerb<P, R>(verb: Verb<P, R>): Verb<P, R> {
  return verb;
}

export function defineStream<P, I>(verb: StreamVerb<P, I>): StreamVerb<P, I> {
  return verb;
}
