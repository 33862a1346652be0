import type { Runtime } from './runtime.js';

/** After the machine had nothing left to accept with. */
const REST_MS = 1000;

/** A listening socket that belongs to no service. */
export interface SideDoor {
  /** Hears nothing for a moment: the machine cannot accept now. */
  rest(): void;
  close(): void;
}

export function sideDoor({ loop }: Runtime, fd: number, token: number): SideDoor {
  let timer: NodeJS.Timeout | null = null;
  loop.watchAccept(fd, token);
  return {
    rest() {
      loop.unwatch(fd);
      timer ??= setTimeout(() => {
        timer = null;
        loop.watchAccept(fd, token);
      }, REST_MS);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      loop.unwatch(fd);
    },
  };
}
