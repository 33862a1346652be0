import { SystemError } from '../errors.js';
import { memoryStore, openStore, type ReportStore, type Store } from '../state/store.js';
import type { Options } from './options.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens what outlives a run. The usual place may be one that this machine does not give (a container's read-only file system): then
 * nothing is kept, which is told; a place that was asked for has to be had.
 *
 * @throws ConfigError, SystemError as `openStore`.
 */
export function openState({ state, control }: Options, environment: Environment, tell: ReportStore): Store {
  if (state !== null) return openStore(state, tell);
  // Who gives superd a control socket of its own runs one beside that of the machine.
  if (control !== null && control !== 'none') return memoryStore();
  const usual = usualPlace(environment);
  if (usual === null) return memoryStore();
  try {
    return openStore(usual, tell);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    tell('warning', `${error.message}; nothing is kept beyond this run`);
    return memoryStore();
  }
}

function usualPlace({ XDG_STATE_HOME, HOME }: Environment): string | null {
  if (process.geteuid?.() === 0) return '/var/lib/superd';
  // A relative one counts as none, says the XDG Base Directory Specification.
  if (XDG_STATE_HOME?.startsWith('/') === true) return `${XDG_STATE_HOME}/superd`;
  return HOME?.startsWith('/') === true ? `${HOME}/.local/state/superd` : null;
}
