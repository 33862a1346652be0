import { BUSY, GONE, receive, send } from '../os/stream.js';

/** Tells, once, when a descriptor is ready. */
export interface SocketReadiness {
  onReadable(fd: number, then: () => void): void;
  onWritable(fd: number, then: () => void): void;
  /** Before the descriptor is closed or given away. */
  forget(fd: number): void;
}

/** The line to one client, as a built-in service sees it. It holds no more than what one `write` could not send yet. */
export class ClientStream {
  private closed = false;
  private waiting: ((isOpen: boolean) => void) | null = null;

  constructor(
    readonly fd: number,
    private readonly readiness: SocketReadiness,
  ) {}

  /** Waits for something to receive, the client's end included; false when superd wants the conversation to end. */
  readable(): Promise<boolean> {
    return this.wait((then) => this.readiness.onReadable(this.fd, then));
  }

  /** Waits for room to send into; false when superd wants the conversation to end. */
  writable(): Promise<boolean> {
    return this.wait((then) => this.readiness.onWritable(this.fd, then));
  }

  /** Bytes received; 0 at the client's end, BUSY or GONE. */
  receive(room: Uint8Array): number {
    return receive(this.fd, room);
  }

  /** Bytes sent, BUSY or GONE. */
  send(bytes: Uint8Array): number {
    return send(this.fd, bytes);
  }

  /**
   * Sends all of it, however slowly the client reads. What does not fit at once is copied: the caller may use its room again.
   *
   * @returns false when the client, or superd's patience, has gone.
   */
  async write(bytes: Uint8Array): Promise<boolean> {
    const sent = this.send(bytes);
    if (sent === bytes.length) return true;
    if (sent === GONE) return false;
    // A copy: slice() of a Buffer would be none.
    let rest = new Uint8Array(bytes.subarray(sent === BUSY ? 0 : sent));
    while (await this.writable()) {
      const more = this.send(rest);
      if (more === GONE) return false;
      if (more === rest.length) return true;
      if (more !== BUSY) rest = rest.subarray(more);
    }
    return false;
  }

  /** Ends the conversation: whoever waits is told so. The descriptor stays open. */
  close(): void {
    this.closed = true;
    this.readiness.forget(this.fd);
    this.settle(false);
  }

  private wait(watch: (then: () => void) => void): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.waiting = resolve;
      watch(() => this.settle(true));
    });
  }

  private settle(isOpen: boolean): void {
    const resolve = this.waiting;
    this.waiting = null;
    resolve?.(isOpen);
  }
}
