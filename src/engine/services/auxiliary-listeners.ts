import type { ReportContext, WatchContext } from '../context.js';

/** After the machine had nothing left to accept with. */
const REST_MS = 1000;

/** Takes a connection, blocking and close-on-exec, or returns false to have it closed. */
export type Callee = (fd: number) => boolean;

/** Listening sockets that belong to no service. */
export class AuxiliaryListeners {
  private readonly doors = new Map<number, SideDoor>();

  constructor(private readonly context: ReportContext & WatchContext) {}

  /** @returns what ends the hearing; the socket stays open. */
  hear(fd: number, callee: Callee): () => void {
    const token = this.context.nextToken();
    const door = new SideDoor(this.context, fd, token, callee);
    this.doors.set(token, door);
    return () => {
      door.close();
      this.doors.delete(token);
    };
  }

  find(token: number): SideDoor | undefined {
    return this.doors.get(token);
  }
}

class SideDoor {
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly fd: number,
    private readonly token: number,
    readonly call: Callee,
  ) {
    context.loop.watchAccept(fd, token);
  }

  /** Hears nothing for a moment: the machine cannot accept now. */
  rest(): void {
    this.context.loop.unwatch(this.fd);
    this.timer ??= setTimeout(() => this.hearAgain(), REST_MS);
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.context.loop.unwatch(this.fd);
  }

  /** What the kernel has no room for now (ENOSPC of epoll_ctl(2)) it may have later. */
  private hearAgain(): void {
    this.timer = null;
    try {
      this.context.loop.watchAccept(this.fd, this.token);
    } catch (error) {
      this.context.onError(error);
      this.rest();
    }
  }
}
