import type { Reporter } from '../diagnostic.js';
import type { PlanPath } from '../plan.js';

/**
 * Everything superd knows about one attribute. The reader, the check, the formatter, superd.conf(5) and `superctl plan` all read this
 * object; no other list of attributes exists.
 */
export interface AttributeSpec<V> {
  /** Other names xinetd accepts for it. */
  readonly aliases?: readonly string[];
  /** `both`: a service inherits it from `defaults`. */
  readonly where: 'service' | 'defaults' | 'both';
  /** Services on which it has an effect: those started on request, resident daemons, or any. */
  readonly appliesTo: 'request' | 'resident' | 'any';
  /** The least and the most words of a value. */
  readonly count: readonly [min: number, max: number];
  /**
   * `words`: split at blanks, up to a comment. `list`: the same, commas separate too. `arguments`: passed to a program as they are,
   * quotes hold words together.
   */
  readonly text: 'words' | 'list' | 'arguments';
  /** xinetd does not know it. */
  readonly extension?: true;
  /** Ignoring it when it is misspelt or wrong would open what the operator meant to close. */
  readonly guards?: true;
  /** Limits single clients, so it cannot hold where superd never sees the clients. */
  readonly perClient?: true;
  /** The values of its variables are hidden from everyone but the configuration's owner. */
  readonly secret?: true;
  /** xinetd copies it into a service when the block begins, so later `defaults` do not reach that service. */
  readonly copiedByXinetd?: true;
  /** The value when the attribute is not written; null for none. */
  readonly initial: V | null;
  /** The values as a manual page shows them. */
  readonly usage: string;
  /** Manual text in plain sentences; `*name*` marks an attribute, a blank line ends a paragraph. */
  readonly doc: string;
  /** Where its value ends up in a plan. The attribute with the longest path to a difference is the one `superctl plan` names. */
  readonly plan: readonly (PlanPath | PlanClaim)[];
  /** Returns null after reporting what is wrong. */
  parse(words: readonly string[], report: Reporter): V | null;
  /** The value in configuration syntax. */
  format(value: V): string;
  /** Present for cumulative attributes: `+=` and `-=`. */
  readonly combine?: { add(to: V, what: V): V; remove?(from: V, what: V): V };
  /** The fix for a wrong number of words, as `; write "…"`; empty for none. */
  countRemedy?(words: readonly string[]): string;
  /** The sensible meaning of a value with a wrong number of words, see leniency.ts; null where it has none. */
  meant?(words: readonly string[]): readonly string[] | null;
  /** xinetd takes one or more words, and drops a service without any. */
  readonly everyWordCounts?: true;
}

/** A path that several attributes share: `when` tells whether this one explains a change from one value to the other. */
export interface PlanClaim {
  readonly path: PlanPath;
  when(before: unknown, after: unknown): boolean;
}

interface Named {
  readonly name: string;
  /** The section of superd.conf(5) that describes it. */
  readonly section: string;
}

export type Attribute<V> = AttributeSpec<V> & Named;

/** By default an attribute is one word. */
type SpecInput<V> = Omit<AttributeSpec<V>, 'count' | 'text'> & Partial<Pick<AttributeSpec<V>, 'count' | 'text'>>;

/** Fixes the value type of an attribute; one with an initial value always has a value. */
export function attribute<V>(spec: SpecInput<V> & { readonly initial: V }): AttributeSpec<V> & { readonly initial: V };
export function attribute<V>(spec: SpecInput<V>): AttributeSpec<V>;
export function attribute<V>(spec: SpecInput<V>): AttributeSpec<V> {
  return { count: [1, 1], text: 'words', ...spec };
}

type Specs = Readonly<Record<string, AttributeSpec<unknown>>>;

/** The attributes of one section of superd.conf(5), by name and in the order of the page. */
export function section<S extends Specs>(title: string, specs: S): { readonly [N in keyof S]: S[N] & Named } {
  const named = Object.entries(specs).map(([name, spec]) => [name, { ...spec, name, section: title }] as const);
  return Object.fromEntries(named) as { readonly [N in keyof S]: S[N] & Named };
}
