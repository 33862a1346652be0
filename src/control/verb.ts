import type { ClientIdentity, Role } from './client-identity.js';
import type { ControlContext } from './control-context.js';
import type { Schema } from './schema.js';
import type { SummarizedVerb } from './summaries.js';

/** What a verb gets beside its parameters. */
export interface Call {
  readonly daemon: ControlContext;
  readonly client: ClientIdentity;
  /** Aborted when the client closes the connection before the answer. */
  readonly aborted: AbortSignal;
}

/** One operation of the control socket. It has the same name in superctl, in the client and here. */
export interface Verb<P, R> {
  readonly name: SummarizedVerb;
  /** Verbs with `read` change nothing and accept GET and POST; those with `admin` accept only POST. */
  readonly role: Role;
  readonly params: Schema<P>;
  readonly result: Schema<R>;
  run(params: P, call: Call): R | Promise<R>;
}

type Disposer = (() => void) | null;

/** A verb that answers with a stream of items: server-sent events, or one list when it ends at once. */
export interface StreamVerb<P, I> {
  readonly name: SummarizedVerb;
  readonly role: Role;
  readonly params: Schema<P>;
  readonly item: Schema<I>;
  /**
   * Emits the present items, and then each new one.
   *
   * @param finish Ends the stream.
   * @returns A function that superd calls when the stream has ended or the client has left; null when all items are emitted already.
   */
  open(params: P, call: Call, emit: (item: I) => void, finish: () => void): Disposer | Promise<Disposer>;
}

/** Infers the types of a verb from its schemas. */
export function defineVerb<P, R>(verb: Verb<P, R>): Verb<P, R> {
  return verb;
}

export function defineStream<P, I>(verb: StreamVerb<P, I>): StreamVerb<P, I> {
  return verb;
}
