import { absolute, type FileTask } from './file-task.js';
import type { Ownership } from './open-file.js';

/** A directory as a walk has found it. */
export interface WalkedDirectory extends Ownership {
  readonly path: string;
  /**
   * The first directory on the way that others than root and superd's own user can exchange. null: a plain path of what is in it is safe, as
   * far as the mode of the directory itself goes.
   */
  readonly unstable: string | null;
}

/** Makes a directory and those it stands in, where they are missing, and tells whose it is. */
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
