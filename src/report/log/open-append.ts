import { closeSync, constants, fchmodSync, fchownSync, fstatSync, lstatSync, openSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { failureCode } from './sink-health.js';

const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** O_NONBLOCK: a FIFO without a reader must not hold us; O_NOCTTY: a terminal must not become ours. */
const appending = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY;

/** An open log, and the file it is: what stands under the path may be another one a second later. */
export interface OpenLog {
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
  /** Bytes in the file as far as we know; kept by whoever writes. */
  size: number;
  /** Where the file itself is, when the path is a symbolic link. */
  readonly realPath: string;
  /** Size limits and rotation are for regular files; a device, FIFO or terminal has none. */
  readonly regular: boolean;
}

/**
 * Opens a log to append to, creating it with mode 0644; never blocks.
 *
 * superd often runs as root and writes what strangers say, so whoever else may write in the directory must not choose the file:
 * a symbolic link is followed only when root or we made it in a directory where nobody else can exchange it, and in a
 * directory that everybody can write to (/tmp) the file must be ours or the directory owner's and have one name.
 *
 * @param like Mode and owner that a new file takes over from the one it replaces.
 * @throws the error of open(2), or an Error that says why the file is not to be trusted.
 */
export function openAppend(path: string, like: Stats | null = null): OpenLog {
  const { fd, created } = openTrusted(path, like === null ? 0o644 : like.mode & 0o777);
  try {
    const stats = fstatSync(fd);
    const regular = stats.isFile();
    if (regular) distrustForeignFile(path, stats);
    if (created && like !== null) takeOver(fd, stats, like);
    return { fd, dev: stats.dev, ino: stats.ino, size: stats.size, realPath: regular ? realpathSync(path) : path, regular };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function openTrusted(path: string, mode: number): { fd: number; created: boolean } {
  try {
    return { fd: openSync(path, appending | O_NOFOLLOW), created: false };
  } catch (error) {
    if (failureCode(error) === 'ENOENT') return { fd: openSync(path, appending | O_CREAT | O_EXCL, mode), created: true };
    if (failureCode(error) !== 'ELOOP') throw error;
    distrustForeignLink(path);
    return { fd: openSync(path, appending | O_CREAT, mode), created: false };
  }
}

function distrustForeignLink(path: string): void {
  const directory = statSync(dirname(path));
  const exchangeable = (directory.mode & 0o022) !== 0 && (directory.mode & 0o1000) === 0;
  if (!isOurs(lstatSync(path)) || !isOurs(directory) || exchangeable)
    throw new Error(`${path} is a symbolic link that someone else could have made; it is not followed`);
}

/** What fs.protected_regular and fs.protected_hardlinks do (proc_sys_fs(5)), also where they are off. */
function distrustForeignFile(path: string, stats: Stats): void {
  const directory = statSync(dirname(path));
  if ((directory.mode & 0o002) === 0) return;
  if (stats.uid !== process.geteuid?.() && stats.uid !== directory.uid)
    throw new Error(`${path} belongs to someone else in a directory that everybody can write to; it is not written`);
  if (stats.nlink > 1) throw new Error(`${path} has other names, in a directory that everybody can write to; it is not written`);
}

function isOurs(stats: Stats): boolean {
  return stats.uid === 0 || stats.uid === process.geteuid?.();
}

/** A log that was kept from others' eyes, or given to a group, stays so when a new one takes its place. */
function takeOver(fd: number, stats: Stats, like: Stats): void {
  if (stats.uid !== like.uid || stats.gid !== like.gid) {
    try {
      fchownSync(fd, like.uid, like.gid);
    } catch {
      // Only root may give files away; without it the log stays ours.
    }
  }
  if ((stats.mode & 0o777) !== (like.mode & 0o777)) fchmodSync(fd, like.mode & 0o777);
}

/** Tells the file from every other one, whatever it is called. */
export function identify(file: { readonly dev: number; readonly ino: number }): string {
  return `${file.dev}:${file.ino}`;
}

export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // EIO of an earlier write, told late; the descriptor is free all the same (close(2)).
  }
}
