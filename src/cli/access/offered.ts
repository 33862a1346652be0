import { accessSync, constants } from 'node:fs';
import { load } from '../../config/load.js';
import { ConfigError } from '../../errors.js';
import { lookUp } from '../../os/names.js';
import { errnoText } from '../error-text.js';
import type { TablePaths } from './table-files.js';
import type { ToolOptions } from './tool-options.js';

/** The daemon names of a configuration, which access rules can name. */
export interface Offered {
  readonly path: string;
  /** Lower case. */
  readonly daemons: ReadonlySet<string>;
  /** Services and programs that the access rules do not protect. */
  readonly unwrapped: ReadonlySet<string>;
  /** The tables of these services. */
  readonly tables: TablePaths;
}

const NAMES_MS = 10_000;

/** @throws ConfigError when the file cannot be read. */
export async function readOffered(config: ToolOptions['config']): Promise<Offered | null> {
  if (config === null) return null;
  try {
    accessSync(config.path, constants.R_OK);
  } catch (error) {
    throw new ConfigError('config-unreadable', `open ${config.path}: ${errnoText(error)}`, null, { cause: error });
  }
  const { plan } = await load({
    path: config.kind === 'superd' ? config.path : '/dev/null',
    inetdConf: config.kind === 'inetd' ? config.path : null,
    lookUp: (questions) => lookUp(questions, NAMES_MS),
  });
  const wrapped = plan.services.filter(({ gate }) => gate.wrappers !== null);
  const unwrapped = plan.services.filter(({ gate }) => gate.wrappers === null);
  return {
    path: config.path,
    tables: plan.tables,
    daemons: new Set(wrapped.map(({ gate }) => (gate.wrappers as string).toLowerCase())),
    unwrapped: new Set(
      unwrapped
        .flatMap((plan) => [plan.name, ...(plan.activation === 'request' ? [plan.program.path.replace(/.*\//, '')] : [])])
        .map((one) => one.toLowerCase()),
    ),
  };
}

/** The warning about a daemon name in a rule; null when a service has that name. */
export function findUnoffered(daemon: string, offered: Offered): string | null {
  const name = daemon.toLowerCase();
  if (offered.daemons.has(name)) return null;
  return offered.unwrapped.has(name) ? `${daemon}: service possibly not wrapped` : `${daemon}: no such process name in ${offered.path}`;
}
