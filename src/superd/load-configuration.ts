import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../config/diagnostic.js';
import type { Block } from '../config/entries.js';
import { type Loaded, load } from '../config/load.js';
import type { NssLookUp } from '../config/nss-facts.js';
import type { Credentials } from '../config/plan.js';
import { placeOf } from '../errors.js';
import { lookUp } from '../os/names.js';
import type { Options } from './options.js';

/** How long superd waits for the databases of the machine: a dead server must not block it. */
const LOOK_UP_DEADLINE_MS = 5000;

/** Asks the databases of this machine. */
export const lookUpOnHost: NssLookUp = (questions) => lookUp(questions, LOOK_UP_DEADLINE_MS);

/** The absolute path of the main file: superd changes its working directory once it runs. */
export function configurationPath({ config }: Options): string {
  return resolve(config ?? (existsSync('/etc/superd.conf') ? '/etc/superd.conf' : '/etc/xinetd.conf'));
}

export function loadConfiguration(
  path: string,
  options: Options,
  enabledByOperator: ReadonlyMap<string, boolean> = new Map(),
  runBlocks: readonly Block[] = [],
): Promise<Loaded> {
  return load({
    path,
    inetdConf: options.inetdConf,
    enabledByOperator,
    runBlocks,
    lookUp: lookUpOnHost,
    self: defaultCredentials(options),
    strict: options.strict,
    safety: options.requireSafeConfig ? 'required' : 'preferred',
  });
}

/** The credentials of services without `user`. null for root: there each service must name its user, unless `--own-user` is given. */
export function defaultCredentials({ ownUser }: Options): Credentials | null {
  if (!ownUser && process.geteuid?.() === 0) return null;
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] };
}

/**
 * One diagnostic in the format of compilers, `path:line: severity: message`.
 *
 * @example renderDiagnostic(remark) // '/etc/xinetd.d/ftp:7: error: unknown attribute «protocal», did you mean «protocol»?'
 */
export function renderDiagnostic(one: Pick<Diagnostic, 'path' | 'line' | 'severity' | 'message'>): string {
  return `${placeOf(one)}: ${one.severity}: ${one.message}`;
}
