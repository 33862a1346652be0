import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoText } from '../../error-text.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** Write for the group, and for others. */
const OTHERS_WRITE = 0o022;

/** The state directory: whose it is, and whether it can be written. */
export function state({ state: place, daemon }: Patient): readonly Finding[] {
  if (place === null) return [];
  const stat = statSync(place, { throwIfNoEntry: false });
  // superd makes it.
  if (stat === undefined) return [];
  const finding = (code: string, problem: string, remedy: string): Finding => ({ severity: 'error', code, place, problem, remedy });
  if (!stat.isDirectory()) return [finding('state-no-directory', 'is no directory', 'move it away, or name another one with --state')];
  const owner =
    daemon === null ? (process.geteuid?.() ?? 0) : (statSync(`/proc/${daemon.pid}`, { throwIfNoEntry: false })?.uid ?? stat.uid);
  if (stat.uid !== owner) return [finding('state-unsafe', `belongs to uid ${stat.uid}, superd is uid ${owner}`, `chown ${owner} ${place}`)];
  if ((stat.mode & OTHERS_WRITE) !== 0) return [finding('state-unsafe', 'others may write there', `chmod go-w ${place}`)];
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    return [
      finding('state-unwritable', `cannot be written: ${errnoText(error)}`, 'let superd write there, or name another one with --state'),
    ];
  }
  const unread = join(place, 'state.json.unread');
  if (!existsSync(unread)) return [];
  const problem = 'a state that could not be understood was put here, and an empty one begun';
  return [
    { severity: 'note', code: 'state-unread', place: unread, problem, remedy: 'look for bans and switched services in it, and remove it' },
  ];
}
