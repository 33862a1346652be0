import { matchWildcard } from '../access/wildcard.js';
import { suggest } from '../config/suggest.js';
import type { Unit } from '../engine/unit.js';
import { ConfigError } from '../errors.js';

/**
 * The services that names, ids and patterns mean, each once, in the order of the configuration.
 *
 * @throws UnknownService for a word that means none.
 * @example targets(units, ['web-*', 'echo'])
 */
export function targets(units: readonly Unit[], words: readonly string[]): readonly Unit[] {
  if (words.includes('all')) return units;
  const found = new Set<Unit>();
  const unknown: string[] = [];
  for (const word of words) {
    const matches = unitsCalled(units, word);
    if (matches.length === 0) unknown.push(word);
    for (const unit of matches) found.add(unit);
  }
  if (unknown.length > 0) throw new UnknownService(unknown, units);
  return units.filter((unit) => found.has(unit));
}

/** As `targets`, but no word at all means every service. */
export function targetsOrAll(units: readonly Unit[], words: readonly string[]): readonly Unit[] {
  return words.length === 0 ? units : targets(units, words);
}

/** As `targets`, for commands that change something: nothing named is a mistake, not everything. */
export function namedTargets(units: readonly Unit[], words: readonly string[]): readonly Unit[] {
  if (words.length === 0) throw new ConfigError('usage', 'which service? name one, a pattern, or all');
  return targets(units, words);
}

function unitsCalled(units: readonly Unit[], word: string): readonly Unit[] {
  const exact = units.filter(({ id }) => id === word);
  if (exact.length > 0) return exact;
  const named = units.filter(({ name }) => name === word);
  if (named.length > 0 || !/[*?]/.test(word)) return named;
  return units.filter(({ id, name }) => matchWildcard(word, id) || matchWildcard(word, name));
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Nobody is called that. LSB: `status` answers 4. */
export class UnknownService extends Error {
  readonly code = 'unknown-service';
  /** Of HTTP. */
  readonly status = 404;
  readonly exitCode = 100;
  constructor(words: readonly string[], units: readonly Named[]) {
    super(words.map((word) => `there is no service ${word}${nearest(word, units)}`).join('; '));
  }
}

function nearest(word: string, units: readonly Named[]): string {
  const near = suggest(
    word,
    units.flatMap(({ id, name }) => [id, name]),
  );
  return near === null ? '' : `; did you mean ${near}?`;
}
