import { lstatSync, readlinkSync } from 'node:fs';

/** How another user can change a file. */
export interface Weakness {
  /** The file, or the directory or symbolic link on the way to it. */
  readonly path: string;
  readonly problem: string;
}

/** As the kernel's limit for one path, path_resolution(7). */
const MOST_LINKS = 40;

const WORLD_WRITABLE = 0o002;
const GROUP_WRITABLE = 0o020;
const STICKY = 0o1000;

/**
 * Finds the first directory, link or file on a path where a user other than root and the user of this process could change the file or
 * replace it. In a sticky directory other users can create files, but cannot replace files of root.
 *
 * @returns null when only these two can change the file, and when superd cannot inspect the path.
 * @example weaknessOf('/etc/passwd') // null
 */
export function weaknessOf(path: string): Weakness | null {
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const left = path.split('/').filter((name) => name !== '' && name !== '.');
  let links = 0;
  let at = '';
  try {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      if (name === '..') {
        at = at.slice(0, Math.max(at.lastIndexOf('/'), 0));
        continue;
      }
      const next = `${at}/${name}`;
      const stat = lstatSync(next);
      if (stat.uid !== 0 && stat.uid !== own.uid) return { path: next, problem: `its owner, uid ${stat.uid}, can change it` };
      if (stat.isSymbolicLink()) {
        if (++links > MOST_LINKS) return null;
        const target = readlinkSync(next);
        if (target.startsWith('/')) at = '';
        left.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
        continue;
      }
      if (!(stat.isDirectory() && (stat.mode & STICKY) !== 0)) {
        if ((stat.mode & WORLD_WRITABLE) !== 0) return { path: next, problem: 'every user can change it' };
        if ((stat.mode & GROUP_WRITABLE) !== 0 && stat.gid !== 0 && (own.uid === 0 || stat.gid !== own.gid))
          return { path: next, problem: `the group ${stat.gid} can change it` };
      }
      at = next;
    }
  } catch {
    // Reading the file reports the error.
  }
  return null;
}
