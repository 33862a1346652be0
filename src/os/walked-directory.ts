import { absolute, type FileTask } from './file-task.js';
import type { Ownership } from './open-file.js';

/** What a walk found out about a directory. */
export interface WalkedDirectory extends Ownership {
  readonly path: string;
  /**
   * The first directory on the way that a user other than root and superd's own can replace. null: a plain path to a file in it is safe, if the
   * mode of the directory itself is.
   */
  readonly unstable: string | null;
}

/** Creates a directory and its missing parents, and returns its owner and what else the walk found out. */
export function makingDirectory(path: string, mode: number): FileTask<WalkedDirectory> {
  return {
    operation: 'directory',
    request: { path: absolute(path), mode },
    read: ({ path: found = path, unstable = null, mode: itsMode = 0, uid = 0, gid = 0 }) => ({
      path: found,
      unstable,
      mode: itsMode,
      uid,
      gid,
    }),
  };
}
