import { matchWildcard } from '../access/wildcard.js';
import { ConfigError } from '../errors.js';
import { UnknownService } from './targets.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * The services of the configuration, disabled ones included, that names, ids and patterns mean.
 *
 * @throws UnknownService, ConfigError `usage` when nothing is named.
 */
export function matchingServices<S extends Named>(all: readonly S[], words: readonly string[]): readonly S[] {
  if (words.length === 0) throw new ConfigError('usage', 'which service? name one, a pattern, or all');
  if (words.includes('all')) return all;
  const matches = (word: string, { id, name }: Named) =>
    word === id || word === name || (/[*?]/.test(word) && (matchWildcard(word, id) || matchWildcard(word, name)));
  const unknown = words.filter((word) => !all.some((one) => matches(word, one)));
  if (unknown.length > 0) throw new UnknownService(unknown, all);
  return all.filter((one) => words.some((word) => matches(word, one)));
}
