import { usualStateDirectory } from '../control/usual-places.js';
import { SystemError } from '../errors.js';
import { memoryStore, openStore, type ReportStore, type Store } from '../state/store.js';
import type { Options } from './options.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the state directory. One named with `--state` must open. When the default one does not, as on the read-only file system of a
 * container, superd logs a warning and keeps its state in memory.
 *
 * @throws ConfigError, SystemError as `openStore`.
 */
export function openState({ state, control }: Options, environment: Environment, report: ReportStore): Store {
  if (state !== null) return openStore(state, report);
  // A superd with another control socket runs beside the machine's own one, whose state it must not touch.
  if (control !== null && control !== 'none') return memoryStore();
  const path = usualStateDirectory(environment);
  if (path === null) return memoryStore();
  try {
    return openStore(path, report);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    report('warning', `${error.message}; superd keeps no state beyond this run`);
    return memoryStore();
  }
}
