import type { ReportContext, WatchContext } from '../context.js';

/** After the machine had nothing left to accept with. */
const PAUSE_MS = 1000;

/** Takes a connection, blocking and close-on-exec, or returns false to have it closed. */
export type AcceptConnection = (fd: number) => boolean;

/** Listening sockets that belong to no service. */
export class AuxiliaryListeners {
  private readonly listeners = new Map<number, AuxiliaryListener>();

  constructor(private readonly context: ReportContext & WatchContext) {}

  /** @returns what ends the hearing; the socket stays open. */
  listen(fd: number, callee: AcceptConnection): () => void {
    const token = this.context.nextToken();
    const door = new AuxiliaryListener(this.context, fd, token, callee);
    this.listeners.set(token, door);
    return () => {
      door.close();
      this.listeners.delete(token);
    };
  }

  find(token: number): AuxiliaryListener | undefined {
    return this.listeners.get(token);
  }
}

class AuxiliaryListener {
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly fd: number,
    private readonly token: number,
    readonly accept: AcceptConnection,
  ) {
    context.loop.watchAccept(fd, token);
  }

  /** Hears nothing for a moment: the machine cannot accept now. */
  pause(): void {
    this.context.loop.unwatch(this.fd);
    this.timer ??= setTimeout(() => this.resume(), PAUSE_MS);
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.context.loop.unwatch(this.fd);
  }

  /** What the kernel has no room for now (ENOSPC of epoll_ctl(2)) it may have later. */
  private resume(): void {
    this.timer = null;
    try {
      this.context.loop.watchAccept(this.fd, this.token);
    } catch (error) {
      this.context.onError(error);
      this.pause();
    }
  }
}
