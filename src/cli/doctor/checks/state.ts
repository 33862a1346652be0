import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoText } from '../../error-text.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

/** Write permission for the group and for others. */
const OTHERS_WRITE = 0o022;

/** The state directory: its owner, its mode, and whether superd can write it. */
export function state({ state: place, daemon }: CheckContext): readonly Finding[] {
  if (place === null) return [];
  const stat = statSync(place, { throwIfNoEntry: false });
  // superd creates a missing one.
  if (stat === undefined) return [];
  const finding = (code: string, problem: string, remedy: string): Finding[] => [{ severity: 'error', code, place, problem, remedy }];
  if (!stat.isDirectory()) return finding('state-no-directory', 'is not a directory', 'move it away, or name another one with --state');
  const owner =
    daemon === null ? (process.geteuid?.() ?? 0) : (statSync(`/proc/${daemon.pid}`, { throwIfNoEntry: false })?.uid ?? stat.uid);
  if (stat.uid !== owner) return finding('state-unsafe', `belongs to uid ${stat.uid}, superd is uid ${owner}`, `chown ${owner} ${place}`);
  if ((stat.mode & OTHERS_WRITE) !== 0) return finding('state-unsafe', 'is writable for others', `chmod go-w ${place}`);
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    const remedy = 'make it writable for superd, or name another one with --state';
    return finding('state-unwritable', `cannot be written: ${errnoText(error)}`, remedy);
  }
  const unread = join(place, 'state.json.unread');
  if (!existsSync(unread)) return [];
  const problem = 'superd could not read its state, kept it here, and began with an empty one';
  const remedy = 'look for bans and disabled services in it, then remove it';
  return [{ severity: 'note', code: 'state-unread', place: unread, problem, remedy }];
}
