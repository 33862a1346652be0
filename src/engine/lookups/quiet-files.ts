import { lstatSync, realpathSync } from 'node:fs';
import { monotonicMs } from '../../clock.js';
import { directoryChanged, directoryWatch } from '../../os/directory.js';
import { close } from '../../os/socket.js';

/** What inotify(7) does not hear (another host's write, a change behind an overlay) is found at the latest after so long. */
const RECHECK_MS = 1000;

/**
 * Tells cheaply that files have certainly not been touched, so that they need not be looked at. A file that is, or is reached through,
 * a symbolic link is never certain: what it leads to may change elsewhere.
 */
export class QuietFiles {
  private readonly watches: number[] = [];
  private until = Number.NEGATIVE_INFINITY;

  constructor(private readonly paths: readonly string[]) {}

  /** Whether nothing has happened since `look`. */
  get areQuiet(): boolean {
    return this.watches.length > 0 && monotonicMs() < this.until && !this.watches.some(directoryChanged);
  }

  /** To be called before the files are looked at: what happens from now on is heard. Where much happens, listening costs more than looking. */
  watch(): void {
    this.close();
    const now = monotonicMs();
    if (now < this.until) return;
    this.until = now + RECHECK_MS;
    try {
      if (this.paths.every(isPlain))
        for (const directory of new Set(this.paths.map(directoryOf))) this.watches.push(directoryWatch(directory));
    } catch {
      // No such directory, or no inotify to be had: the files are looked at each time.
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
