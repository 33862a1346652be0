import type { StreamVerb, Verb } from './verb.js';
import type { streams, verbs } from './verbs/table.js';

/** The types of both ends of the control socket. The schemas in the verbs' files define parameters and results. */
export type Verbs = typeof verbs;
export type VerbName = keyof Verbs;
export type Params<N extends VerbName> = Verbs[N] extends Verb<infer P, unknown> ? P : never;
export type Result<N extends VerbName> = Verbs[N] extends Verb<infer _, infer R> ? R : never;

export type Streams = typeof streams;
export type StreamName = keyof Streams;
export type StreamParams<N extends StreamName> = Streams[N] extends StreamVerb<infer P, infer _> ? P : never;
export type StreamItem<N extends StreamName> = Streams[N] extends StreamVerb<infer _, infer I> ? I : never;
