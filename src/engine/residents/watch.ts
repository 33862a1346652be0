import type { Watched } from '../../supervise/context.js';
import type { WatchContext } from '../context.js';

/** Waits for descriptors on the daemon's loop, as SuperviseContext does. */
export function watchOn({ loop, readers, nextToken }: WatchContext): (fd: number, onReadable: () => void) => Watched {
  return (fd, onReadable) => {
    const token = nextToken();
    loop.watchReadable(fd, token);
    readers.set(token, onReadable);
    return {
      rearm: () => {
        if (readers.has(token)) loop.watchReadable(fd, token);
      },
      stop: () => {
        if (!readers.delete(token)) return;
        loop.unwatch(fd);
      },
    };
  };
}
