import { lstatSync, realpathSync } from 'node:fs';
import { monotonicMs } from '../../clock.js';
import { directoryChanged, directoryWatch } from '../../os/directory.js';
import { close } from '../../os/socket.js';

/** inotify(7) misses some changes (by another host, behind an overlay): superd finds those after this time at the latest. */
const RECHECK_MS = 1000;

/**
 * Knows cheaply that files have certainly not changed since the last check. This is never certain of a symbolic link, or of a file below one: its target
 * may change elsewhere.
 */
export class QuietFiles {
  private readonly watches: number[] = [];
  private until = Number.NEGATIVE_INFINITY;

  constructor(private readonly paths: readonly string[]) {}

  /** Whether nothing has happened since `watch`. */
  get areQuiet(): boolean {
    return this.watches.length > 0 && monotonicMs() < this.until && !this.watches.some(directoryChanged);
  }

  /** To be called before a check of the files. Does nothing where they have just changed: watching costs more than checking. */
  watch(): void {
    this.close();
    const now = monotonicMs();
    if (now < this.until) return;
    this.until = now + RECHECK_MS;
    try {
      if (this.paths.every(isPlain))
        for (const directory of new Set(this.paths.map(directoryOf))) this.watches.push(directoryWatch(directory));
    } catch {
      // Without the directory, or without inotify, the files are checked each time.
      this.close();
    }
  }

  close(): void {
    for (const watch of this.watches.splice(0)) close(watch);
  }
}

const directoryOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

function isPlain(path: string): boolean {
  const directory = directoryOf(path);
  return realpathSync(directory) === directory && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true;
}
