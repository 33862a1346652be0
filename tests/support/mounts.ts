import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Bind mounts: the path where a file is seen → the path where it is. */
export type Mounts = Readonly<Record<string, string>>;

/**
 * A command prefix: what follows runs in a new mount namespace with these mounts. A test can thus give a server an /etc/passwd without
 * touching the machine's.
 *
 * @example startDaemon({ prefix: withMounts({ '/etc/passwd': `${directory}/passwd` }), … })
 */
export function withMounts(mounts: Mounts): string[] {
  const pairs = Object.entries(mounts).flatMap(([seenAt, liesAt]) => [liesAt, seenAt]);
  const script = 'set -e; n=$1; shift; while [ "$n" -gt 0 ]; do mount --bind "$1" "$2"; shift 2; n=$((n - 1)); done; exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', String(pairs.length / 2), ...pairs];
}

/** Mounts of copies of the machine's directories, with their subdirectories, owners and modes, but without files: what is written there goes with the test. */
export function emptyCopies(paths: readonly string[], directory: string): Mounts {
  execFileSync('rsync', ['--archive', '--relative', '--include=*/', '--exclude=*', ...paths, directory]);
  return Object.fromEntries(paths.map((path) => [path, join(directory, path)]));
}
