import { closeSync, readSync } from 'node:fs';
import { duplicate, pipeOpen } from '../../os/descriptor.js';
import { LineThrottle } from '../../report/line-throttle.js';
import type { OutputContext } from '../context.js';

/** superd logs a longer line in pieces. */
const MAX_LINE_BYTES = 1000;

const CHUNK_BYTES = 16_384;

/** More than a pipe holds, pipe(7). */
const MAX_CHUNKS = 64;
const NEWLINE = 0x0a;

/** The standard error of the servers of one service: one pipe for all of them, read line by line. superd always reads it, so that no server blocks. */
export class StderrPipe {
  private readonly token: number;
  private readonly readEnd: number;
  private writeEnd: number;
  /** Whether superd still reads the pipe. */
  private open = true;
  private cancelWait = () => {};
  private rest = Buffer.alloc(0);
  private readonly throttle: LineThrottle;

  /**
   * @param say Called with each line, without its newline and not yet sanitized for a log.
   * @param broken Called once when the pipe cannot be read: a server has put unreadable pages at its head (splice(2)), which would block all
   *     later output. superd closes the pipe; later servers need another.
   */
  constructor(
    private readonly context: OutputContext,
    private readonly say: (text: string) => void,
    private readonly broken: (error: Error) => void,
  ) {
    this.throttle = new LineThrottle(context.now, say);
    [this.readEnd, this.writeEnd] = pipeOpen();
    this.token = context.nextToken();
    try {
      context.loop.watchReadable(this.readEnd, this.token);
    } catch (error) {
      closeSync(this.readEnd);
      closeSync(this.writeEnd);
      throw error;
    }
    context.readers.set(this.token, () => this.read());
  }

  /** Whether the next server can have it. */
  get isUsable(): boolean {
    return this.writeEnd >= 0;
  }

  /** A descriptor that one server owns. */
  descriptor(): number {
    return duplicate(this.writeEnd);
  }

  /** Takes no more servers. superd goes on reading until the last of the present ones has ended. */
  retire(): void {
    if (this.writeEnd >= 0) closeSync(this.writeEnd);
    this.writeEnd = -1;
  }

  /** Reads what is in the pipe: all that servers which have ended have written. */
  drain(): void {
    for (let i = 0; i < MAX_CHUNKS && this.readOnce(); i++);
  }

  private read(): void {
    this.readOnce();
    if (this.open) this.cancelWait = this.context.pace.wait(() => this.context.loop.watchReadable(this.readEnd, this.token));
  }

  /** @returns Whether there may be more. */
  private readOnce(): boolean {
    if (!this.open) return false;
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let length: number;
    try {
      length = readSync(this.readEnd, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      this.retire();
      this.close();
      this.broken(error as Error);
      return false;
    }
    if (length === 0) this.close();
    else this.take(chunk.subarray(0, length));
    return length > 0;
  }

  private close(): void {
    this.open = false;
    this.cancelWait();
    if (this.rest.length > 0) this.emitLine(this.rest);
    this.throttle.writeDropped();
    this.context.readers.delete(this.token);
    this.context.loop.unwatch(this.readEnd);
    closeSync(this.readEnd);
  }

  private take(chunk: Buffer): void {
    let text = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const end = text.indexOf(NEWLINE);
      const whole = end !== -1 && end <= MAX_LINE_BYTES;
      if (!whole && text.length <= MAX_LINE_BYTES) break;
      const length = whole ? end : MAX_LINE_BYTES;
      this.emitLine(text.subarray(0, length));
      text = text.subarray(whole ? length + 1 : length);
    }
    this.rest = Buffer.from(text);
  }

  private emitLine(line: Buffer): void {
    if (this.throttle.admit()) this.say(line.toString('utf8'));
  }
}
