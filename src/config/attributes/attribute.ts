import type { Reporter } from '../diagnostic.js';

/**
 * One attribute of the configuration: everything superd knows of it, in one place. The manual page, the check, the reader
 * and the formatter all come from this.
 */
export interface Attribute<V> {
  readonly name: string;
  /** Other names that xinetd takes for the same. */
  readonly aliases?: readonly string[];
  readonly where: 'service' | 'defaults' | 'both';
  /** How many words are wanted; more than `max` is a mistake. */
  readonly count: readonly [min: number, max: number];
  /**
   * `words` split at blanks and end at a comment; a `list` may have commas too; `arguments` go to a program as they are,
   * with quotes; `pairs` likewise without quotes being special to xinetd either.
   */
  readonly text: 'words' | 'list' | 'arguments';
  /** Unknown to xinetd. */
  readonly extension?: true;
  /** Ignoring a misspelt or bad one would open what the operator meant to close. */
  readonly guards?: true;
  /** What holds when it is not written, as one would write it; null when that is nothing. */
  readonly initial: string | null;
  /** The values as a manual page shows them. */
  readonly usage: string;
  /** Manual text: plain sentences; `*name*` sets an attribute name, a blank line begins a paragraph. */
  readonly doc: string;
  /** null when nothing can be made of the words; the reporter has been told why. */
  parse(words: readonly string[], report: Reporter): V | null;
  /** The value as one would write it. */
  format(value: V): string;
  /** Present for cumulative attributes: `+=` and `-=`. */
  readonly combine?: { add(to: V, what: V): V; remove?(from: V, what: V): V };
}

/** Fixes the value type of an attribute to what its parser makes. */
export function defineAttribute<V>(attribute: Attribute<V>): Attribute<V> {
  return attribute;
}
