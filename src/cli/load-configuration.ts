import { resolve } from 'node:path';
import { type Loaded, load } from '../config/load.js';
import { lookUp } from '../os/names.js';

const NAMES_MS = 5000;

/**
 * A configuration alone, as whoever asks would run it.
 *
 * @throws ConfigError `config-unreadable`.
 */
export function loadConfiguration(path: string): Promise<Loaded> {
  const self = process.geteuid?.() === 0 ? null : { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, groups: [] };
  return load({ path: resolve(path), inetdConf: null, lookUp: (questions) => lookUp(questions, NAMES_MS), self });
}
