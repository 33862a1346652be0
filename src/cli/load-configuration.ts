import { resolve } from 'node:path';
import { type Loaded, load } from '../config/load.js';
import type { Credentials } from '../config/plan.js';
import { type BlockLine, runBlock } from '../config/run-block.js';
import { lookUp } from '../os/names.js';

const NAMES_MS = 5000;

/** What decides how a superd reads its configuration. */
export interface LoadMode {
  readonly inetdConf: string | null;
  /** The user of services that name none; null when each must name one. */
  readonly self: Credentials | null;
  /** Services that operators have enabled or disabled, by id. */
  readonly switched: Readonly<Record<string, boolean>>;
  /** Daemons of `superctl run`. */
  readonly beside: readonly { readonly id: string; readonly lines: readonly BlockLine[] }[];
}

/**
 * Loads a configuration as a running superd would, or as one that the present user would start.
 *
 * @throws ConfigError `config-unreadable`.
 */
export function loadConfiguration(path: string, { inetdConf, self, switched, beside }: LoadMode = ownMode()): Promise<Loaded> {
  return load({
    path: resolve(path),
    inetdConf,
    lookUp: (questions) => lookUp(questions, NAMES_MS),
    self,
    enabledByOperator: new Map(Object.entries(switched)),
    runBlocks: beside.map(({ id, lines }) => runBlock(id, lines)),
  });
}

function ownMode(): LoadMode {
  const isRoot = process.geteuid?.() === 0;
  const self = isRoot ? null : { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] };
  return { inetdConf: null, self, switched: {}, beside: [] };
}
