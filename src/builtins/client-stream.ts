import { BUSY, GONE, receive, send } from '../os/stream.js';

/** Calls back once when a descriptor is ready. */
export interface SocketReadiness {
  onReadable(fd: number, then: () => void): void;
  onWritable(fd: number, then: () => void): void;
  /** Call this before closing the descriptor or giving it away. */
  forget(fd: number): void;
}

/** The connection to one client of a built-in service. It buffers at most the unsent rest of one `write`. */
export class ClientStream {
  private closed = false;
  private settleWait: ((isOpen: boolean) => void) | null = null;

  constructor(
    readonly fd: number,
    private readonly readiness: SocketReadiness,
  ) {}

  /** Waits until there are bytes, or the end, to receive; false when superd ends the session. */
  readable(): Promise<boolean> {
    return this.wait((then) => this.readiness.onReadable(this.fd, then));
  }

  /** Waits until the socket is writable; false when superd ends the session. */
  writable(): Promise<boolean> {
    return this.wait((then) => this.readiness.onWritable(this.fd, then));
  }

  /** Bytes received; 0 at the end of the stream, BUSY or GONE. */
  receive(buffer: Uint8Array): number {
    return receive(this.fd, buffer);
  }

  /** Bytes sent, BUSY or GONE. */
  send(bytes: Uint8Array): number {
    return send(this.fd, bytes);
  }

  /**
   * Sends all bytes, however slowly the client reads. The unsent rest is copied, so the caller may reuse its buffer at once.
   *
   * @returns false when the client has gone or superd ends the session.
   */
  async write(bytes: Uint8Array): Promise<boolean> {
    const sent = this.send(bytes);
    if (sent === bytes.length) return true;
    if (sent === GONE) return false;
    // A copy; slice() of a Buffer does not copy.
    let rest = new Uint8Array(bytes.subarray(sent === BUSY ? 0 : sent));
    while (await this.writable()) {
      const more = this.send(rest);
      if (more === GONE) return false;
      if (more === rest.length) return true;
      if (more !== BUSY) rest = rest.subarray(more);
    }
    return false;
  }

  /** Ends the session: a pending wait resolves to false. The descriptor stays open. */
  close(): void {
    this.closed = true;
    this.readiness.forget(this.fd);
    this.settle(false);
  }

  private wait(watch: (then: () => void) => void): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.settleWait = resolve;
      watch(() => this.settle(true));
    });
  }

  private settle(isOpen: boolean): void {
    const resolve = this.settleWait;
    this.settleWait = null;
    resolve?.(isOpen);
  }
}
