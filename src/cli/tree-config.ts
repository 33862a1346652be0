import { startOrder, startsAround } from '../config/start-order.js';
import type { Result } from '../control/protocol.js';
import { resolveServices } from '../control/resolve-services.js';
import { loadConfiguration } from './load-configuration.js';

/** The start order in a configuration file; no state is known. */
export async function treeOfConfig(config: string, words: readonly string[]): Promise<Result<'tree'>['services']> {
  const { plan } = await loadConfiguration(config);
  const all = startOrder(plan);
  const named = words.length === 0 ? all : startsAround(all, new Set(resolveServices(all, words).map(({ id }) => id)));
  return named.map((one) => ({ ...one, state: null }));
}
