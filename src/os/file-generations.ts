import type { FileTask } from './file-task.js';
import type { Ownership } from './open-file.js';

/**
 * Renames files in one directory, one after the other, if the path is that file still; what is not there is passed over.
 *
 * @param moves Names from and to; null removes.
 */
export function moving(
  path: string,
  file: string,
  moves: readonly (readonly [from: string, to: string | null])[],
): FileTask<Ownership & { readonly size: number }> {
  return {
    operation: 'move',
    request: { path, file, names: moves.flatMap(([from, to]) => [from, to ?? '']) },
    read: ({ mode = 0, uid = 0, gid = 0, size = 0 }) => ({ mode, uid, gid, size }),
  };
}

/** Bytes of files in the directory of `path`; 0 for what is not there. */
export function sizesOf(path: string, names: readonly string[]): FileTask<readonly number[]> {
  return { operation: 'sizes', request: { path, names }, read: ({ sizes = [] }) => sizes };
}

export interface Compression {
  /** Must be that file still, regular, and have no other name. */
  readonly path: string;
  readonly file: string;
  readonly draft: string;
  readonly target: string;
  /** Path and arguments of a program that compresses its standard input to its standard output. */
  readonly program: readonly [path: string, ...argv: string[]];
  /** Bytes that the result may have. */
  readonly most: number;
  readonly milliseconds: number;
}

/** Compresses a file beside itself, and removes it. The program runs as the owner of the directory and is given two descriptors and no path. */
export function compressing({ path, file, draft, target, program, most, milliseconds }: Compression): FileTask<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    operation: 'compress',
    request: { path, file, names: [name, draft, target, ...program], most: Math.floor(most), milliseconds },
    read: () => {},
  };
}
