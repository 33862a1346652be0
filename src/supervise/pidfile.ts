import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const GROUP_OR_OTHERS_WRITE = 0o022;

/** The pid in a pidfile; 0 without one, or when anyone but root, superd and `uid` could have written it. */
export function trustedPid(path: string, uid: number): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return 0;
  }
  try {
    const stats = fstatSync(fd);
    const trusted = [0, uid, process.geteuid?.()].includes(stats.uid) && (stats.mode & GROUP_OR_OTHERS_WRITE) === 0;
    if (!stats.isFile() || !trusted) return 0;
    const text = Buffer.alloc(32);
    const length = readSync(fd, text);
    const match = /^\s*(\d{1,10})\s/.exec(`${text.toString('latin1', 0, length)}\n`);
    return match === null ? 0 : Number(match[1]);
  } catch {
    return 0;
  } finally {
    closeSync(fd);
  }
}
