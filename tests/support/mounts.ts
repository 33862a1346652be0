import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What stands where in a file system of one's own: what is seen at the path, and where it really lies. */
export type Mounts = Readonly<Record<string, string>>;

/**
 * The command that runs the rest of its line in a mount namespace of its own, where other files stand at some paths: a test can
 * give a server an /etc/passwd without touching the machine's.
 *
 * @example startDaemon({ prefix: withMounts({ '/etc/passwd': `${directory}/passwd` }), … })
 */
export function withMounts(mounts: Mounts): string[] {
  const pairs = Object.entries(mounts).flatMap(([seenAt, liesAt]) => [liesAt, seenAt]);
  const script = 'set -e; n=$1; shift; while [ "$n" -gt 0 ]; do mount --bind "$1" "$2"; shift 2; n=$((n - 1)); done; exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', String(pairs.length / 2), ...pairs];
}

/** Mounts of directories as the machine's are, with their directories, owners and rights, and without their files: what is written there is gone with the test. */
export function emptyCopies(paths: readonly string[], directory: string): Mounts {
  execFileSync('rsync', ['--archive', '--relative', '--include=*/', '--exclude=*', ...paths, directory]);
  return Object.fromEntries(paths.map((path) => [path, join(directory, path)]));
}
