import type { SocketReadiness } from '../../builtins/client-stream.js';
import type { WatchContext } from '../context.js';

/** Watches one descriptor for a built-in service: either until it is readable or until it is writable. */
export function readiness({ loop, readers, nextToken }: WatchContext): SocketReadiness {
  const token = nextToken();
  return {
    onReadable(fd, then) {
      readers.set(token, then);
      loop.watchReadable(fd, token);
    },
    onWritable(fd, then) {
      readers.set(token, then);
      loop.watchWritable(fd, token);
    },
    forget(fd) {
      readers.delete(token);
      loop.unwatch(fd);
    },
  };
}
