import { resolve } from 'node:path';
import { type Loaded, load } from '../config/load.js';
import type { Credentials } from '../config/plan.js';
import { type BlockLine, runBlock } from '../config/run-block.js';
import { lookUp } from '../os/names.js';

const NAMES_MS = 5000;

/** How a superd reads its configuration. */
export interface LoadMode {
  readonly inetdConf: string | null;
  /** As whom a service runs that names no user. */
  readonly self: Credentials | null;
  /** What operators have switched on or off, by id. */
  readonly switched: Readonly<Record<string, boolean>>;
  /** What stands in no file. */
  readonly beside: readonly { readonly id: string; readonly lines: readonly BlockLine[] }[];
}

/**
 * A configuration alone, as whoever asks would run it, or as a superd that runs.
 *
 * @throws ConfigError `config-unreadable`.
 */
export function loadConfiguration(path: string, { inetdConf, self, switched, beside }: LoadMode = ownManner()): Promise<Loaded> {
  const asked = new Map(Object.entries(switched));
  return load({
    path: resolve(path),
    inetdConf,
    lookUp: (questions) => lookUp(questions, NAMES_MS),
    self,
    enabledByOperator: asked,
    runBlocks: beside.map(({ id, lines }) => runBlock(id, lines)),
  });
}

function ownManner(): LoadMode {
  const isRoot = process.geteuid?.() === 0;
  const self = isRoot ? null : { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] };
  return { inetdConf: null, self, switched: {}, beside: [] };
}
