import { matchWildcard } from '../access/wildcard.js';
import { suggest } from '../config/suggest.js';
import { ConfigError } from '../errors.js';

/** A running service or one in the configuration files. */
interface NamedService {
  readonly id: string;
  readonly name: string;
}

/**
 * The services that the operator's words select, each once, in their given order. Every verb uses this rule:
 *
 * - a word that is an id selects that service;
 * - another word selects all services with that name;
 * - a pattern with `*` or `?` selects all services whose id or name matches;
 * - `all` selects every service.
 *
 * @throws UnknownService for words that select nothing; ConfigError `usage` when there is no word.
 * @example resolveServices([{ id: 'echo', name: 'echo' }, { id: 'echo-two', name: 'echo' }], ['echo']).length // 1
 * @example resolveServices([{ id: 'echo-tcp', name: 'echo' }, { id: 'echo-udp', name: 'echo' }], ['echo']).length // 2
 */
export function resolveServices<S extends NamedService>(services: readonly S[], words: readonly string[]): readonly S[] {
  if (words.length === 0) throw new ConfigError('usage', 'which service? name one, a pattern, or all');
  if (words.includes('all')) return services;
  const matches = words.map((word) => servicesNamed(services, word));
  const unknown = words.filter((_, i) => matches[i]?.length === 0);
  if (unknown.length > 0) throw new UnknownService(unknown, services);
  const found = new Set(matches.flat());
  return services.filter((service) => found.has(service));
}

/** As `resolveServices`, for verbs that change nothing: no word selects every service. */
export function resolveServicesOrAll<S extends NamedService>(services: readonly S[], words: readonly string[]): readonly S[] {
  return words.length === 0 ? services : resolveServices(services, words);
}

function servicesNamed<S extends NamedService>(services: readonly S[], word: string): readonly S[] {
  const exact = services.filter(({ id }) => id === word);
  if (exact.length > 0) return exact;
  const named = services.filter(({ name }) => name === word);
  if (named.length > 0 || !/[*?]/.test(word)) return named;
  return services.filter(({ id, name }) => matchWildcard(word, id) || matchWildcard(word, name));
}

/** No service has this id or name. `superctl status` exits with 4, as LSB wants. */
export class UnknownService extends Error {
  readonly code = 'unknown-service';
  /** Of HTTP. */
  readonly status = 404;
  readonly exitCode = 100;
  constructor(words: readonly string[], services: readonly NamedService[]) {
    super(words.map((word) => `there is no service ${word}${suggestion(word, services)}`).join('; '));
  }
}

function suggestion(word: string, services: readonly NamedService[]): string {
  const near = suggest(
    word,
    services.flatMap(({ id, name }) => [id, name]),
  );
  return near === null ? '' : `; did you mean ${near}?`;
}
