import { runLater } from '../../guarded.js';
import type { ReportContext, WatchContext } from '../context.js';
import { RESERVE_OF_OPERATORS } from './descriptors.js';

/** Pause after the system had no resources left to accept a connection. */
const PAUSE_MS = 1000;

/** Takes a connection (blocking, close-on-exec), or returns false to have it closed. */
export type AcceptConnection = (fd: number) => boolean;

/** Listening sockets that belong to no service. */
export class AuxiliaryListeners {
  private readonly listeners = new Map<number, AuxiliaryListener>();

  constructor(private readonly context: ReportContext & WatchContext) {}

  /** @returns A function that stops listening; the socket stays open. */
  listen(fd: number, accept: AcceptConnection): () => void {
    const token = this.context.nextToken();
    const listener = new AuxiliaryListener(this.context, fd, token, accept);
    this.listeners.set(token, listener);
    return () => {
      listener.close();
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
    context.loop.watchAccept(fd, token, RESERVE_OF_OPERATORS);
  }

  /** The system cannot accept connections now. */
  pause(): void {
    this.context.loop.unwatch(this.fd);
    this.timer ??= runLater(() => this.resume(), PAUSE_MS);
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.context.loop.unwatch(this.fd);
  }

  /** The kernel may have no room for one more (ENOSPC of epoll_ctl(2)), and have it later. */
  private resume(): void {
    this.timer = null;
    try {
      this.context.loop.watchAccept(this.fd, this.token, RESERVE_OF_OPERATORS);
    } catch (error) {
      this.context.onError(error);
      this.pause();
    }
  }
}
