import type { Runtime } from './runtime.js';

/** After the machine had nothing left to accept with. */
const REST_MS = 1000;

/** A listening socket that belongs to no service. */
export interface SideDoor {
  /** Hears nothing for a moment: the machine cannot accept now. */
  rest(): void;
  close(): void;
}

export function sideDoor({ loop, onError }: Runtime, fd: number, token: number): SideDoor {
  let timer: NodeJS.Timeout | null = null;
  loop.watchAccept(fd, token);
  const rest = () => {
    loop.unwatch(fd);
    timer ??= setTimeout(open, REST_MS);
  };
  /** What the kernel has no room for now (ENOSPC of epoll_ctl(2)) it may have later. */
  const open = () => {
    timer = null;
    try {
      loop.watchAccept(fd, token);
    } catch (error) {
      onError(error);
      rest();
    }
  };
  return {
    rest,
    close() {
      if (timer !== null) clearTimeout(timer);
      loop.unwatch(fd);
    },
  };
}
