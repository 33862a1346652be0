import { closeSync, readSync } from 'node:fs';
import { duplicate, pipeOpen } from '../../os/descriptor.js';
import { LineThrottle } from '../../report/line-throttle.js';
import type { ReportContext, WatchContext } from '../context.js';

/** A longer line is told in pieces. */
const LONGEST_LINE = 1000;

const CHUNK = 16_384;

/** More than a pipe holds, pipe(7). */
const MOST_CHUNKS = 64;
const NEWLINE = 0x0a;

/**
 * What the servers of one service say on standard error: one pipe for all of them, read line by line. It is always read, so that a
 * server waits no longer than superd takes for 16 KiB.
 */
export class StderrPipe {
  private readonly token: number;
  private readonly readEnd: number;
  private writeEnd: number;
  private open = true;
  private rest = Buffer.alloc(0);
  private readonly throttle: LineThrottle;

  /** @param say Gets each line, without its newline and not yet fit for a log. */
  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly say: (text: string) => void,
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

  /** A descriptor for one server, to be given away. */
  descriptor(): number {
    return duplicate(this.writeEnd);
  }

  /** No more servers: what the present ones say is still read, until the last of them has ended. */
  retire(): void {
    closeSync(this.writeEnd);
    this.writeEnd = -1;
  }

  /** Reads what is there already: of servers that have ended, all of it. */
  drain(): void {
    for (let i = 0; i < MOST_CHUNKS && this.readOnce(); i++);
  }

  private read(): void {
    this.readOnce();
    if (this.open) this.context.loop.watchReadable(this.readEnd, this.token);
  }

  /** @returns Whether there may be more. */
  private readOnce(): boolean {
    if (!this.open) return false;
    const chunk = Buffer.allocUnsafe(CHUNK);
    let length: number;
    try {
      length = readSync(this.readEnd, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return false;
    }
    if (length === 0) this.close();
    else this.take(chunk.subarray(0, length));
    return length > 0;
  }

  private close(): void {
    this.open = false;
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
      const whole = end !== -1 && end <= LONGEST_LINE;
      if (!whole && text.length <= LONGEST_LINE) break;
      const length = whole ? end : LONGEST_LINE;
      this.emitLine(text.subarray(0, length));
      text = text.subarray(whole ? length + 1 : length);
    }
    this.rest = Buffer.from(text);
  }

  private emitLine(line: Buffer): void {
    if (this.throttle.admit()) this.say(line.toString('utf8'));
  }
}
