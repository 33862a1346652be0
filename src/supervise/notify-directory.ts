import { chmodSync, existsSync, lchownSync, mkdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Credentials } from '../config/plan.js';
import { datagramBind } from '../os/datagram.js';
import { makingDirectory, runFileTask } from '../os/open-safely.js';
import { close } from '../os/socket.js';
import { directoryOf } from './replica.js';

/** Every user may pass through the directory, and only superd's may list or change it. */
const PASSAGE = 0o711;
const OTHERS_WRITE = 0o022;
const OTHERS_PASS = 0o001;
/** Leaves room for the name of a daemon in the 107 bytes of a unix socket's path. */
const LONGEST_PLACE = 60;

/** A bound notification socket. */
export interface NotifyPlace {
  readonly fd: number;
  readonly path: string;
  /** Closes and removes it. */
  close(): void;
}

/**
 * The directories of notification sockets. Each daemon has one, with mode 0700 and owned by its user, so that no other user reaches the socket.
 * Only superd can rename or replace these directories.
 */
export class NotifyDirectory {
  private made: string | null = null;

  /** @param places Where it may be, the best one first. */
  constructor(private readonly places: readonly string[]) {}

  /**
   * Binds the socket of a replica. Meanwhile superd owns the directory, so that the daemon's user cannot replace anything in it.
   *
   * @throws SystemError, or an Error naming the directory that cannot be used.
   */
  bind(key: string, { uid, gid }: Credentials): NotifyPlace {
    const directory = join(this.directory(), directoryOf(key));
    const path = join(directory, 'notify');
    takeDirectory(directory);
    removeIfThere(path);
    const fd = datagramBind(path);
    try {
      give(path, 0o600, uid, gid);
      give(directory, 0o700, uid, gid);
    } catch (error) {
      close(fd);
      throw error;
    }
    return { fd, path, close: () => this.remove(fd, directory, path) };
  }

  /** Removes empty directories. */
  close(): void {
    if (this.made !== null) tryTo(rmdirSync, this.made);
    this.made = null;
  }

  private remove(fd: number, directory: string, path: string): void {
    close(fd);
    tryTo(takeDirectory, directory);
    tryTo(unlinkSync, path);
    tryTo(rmdirSync, directory);
  }

  /** Created again when /run has been cleared meanwhile. */
  private directory(): string {
    if (this.made !== null && existsSync(this.made)) return this.made;
    const problems: string[] = [];
    for (const place of this.places) {
      try {
        makeSharedDirectory(place);
        return (this.made = place);
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    throw new Error(`no directory for notification sockets: ${problems.join('; ')}`);
  }
}

/**
 * Where notification sockets may be. After a kill -9 the next superd with the same state directory finds them in the same place.
 *
 * @param key Identifies the state directory.
 * @param state The state directory; null without one.
 * @example notifyPlaces('k', null, 0, {}) // ['/run/superd/k', '/tmp/superd-k']
 */
export function notifyPlaces(
  key: string,
  state: string | null,
  uid: number,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  // The state directory of root lets no other user through.
  if (uid === 0) return [join('/run/superd', key), `/tmp/superd-${key}`];
  const runtime = environment['XDG_RUNTIME_DIR'] ?? '';
  const own = [...(runtime.startsWith('/') ? [join(runtime, 'superd', key)] : []), ...(state === null ? [] : [join(state, 'notify')])];
  return [...own.filter(({ length }) => length <= LONGEST_PLACE), `/tmp/superd-${key}`];
}

/** Creates the directory above those of the daemons. @throws Error when other users could replace it or, as root, when the users of daemons cannot pass through it. */
function makeSharedDirectory(path: string): void {
  const parent = dirname(path);
  const isRoot = process.geteuid?.() === 0;
  if (!existsSync(parent)) {
    runFileTask(makingDirectory(parent, 0o755));
    // superd's umask may be tighter.
    chmodSync(parent, 0o755);
  }
  const { uid, mode, unstable } = runFileTask(makingDirectory(path, PASSAGE));
  if (uid !== process.geteuid?.() || (mode & OTHERS_WRITE) !== 0 || (unstable !== null && isRoot))
    throw new Error(`${path}: another user can write to it or to a directory above it`);
  chmodSync(path, PASSAGE);
  for (let at = path; isRoot && at !== '/'; at = dirname(at))
    if ((statSync(at).mode & OTHERS_PASS) === 0) throw new Error(`${at}: the users of daemons cannot pass through it; run chmod o+x ${at}`);
}

/** Creates a directory, or takes it back from its user. Only superd can replace it. */
function takeDirectory(directory: string): void {
  try {
    mkdirSync(directory, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    lchownSync(directory, process.geteuid?.() ?? 0, process.getegid?.() ?? 0);
    chmodSync(directory, 0o700);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** No other user can replace the file: superd owns its directory. */
function give(path: string, mode: number, uid: number, gid: number): void {
  chmodSync(path, mode);
  lchownSync(path, uid, gid);
}

function tryTo(work: (path: string) => void, path: string): void {
  try {
    work(path);
  } catch {
    // It is gone, or its user has put another file there.
  }
}
