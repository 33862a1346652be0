import { closeSync, constants, fstatSync, openSync, unlinkSync } from 'node:fs';
import { pipeOpen } from '../../os/descriptor.js';
import { fifoMake } from '../../os/file.js';
import { setNonblocking } from '../../os/socket.js';
import type { Watched } from '../../supervise/context.js';
import type { Pace } from '../context.js';
import { type PipePeek, removeBytes } from './pipe-peek.js';

/** superd cuts a longer line. */
const LONGEST_LINE = 16_384;
/** Together larger than the capacity of a pipe, pipe(7). */
const MOST_CHUNKS = 64;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
/** Errors of superd itself (descriptors, memory), not of the pipe. */
const TEMPORARY = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EINTR']);

/** `adoptable`: the daemon runs on, and the next superd reads its output. `final`: it has ended. */
export type OutputEnd = 'final' | 'adoptable';

/** Takes whole lines, each with its newline. */
export interface Destination {
  write(lines: string): void;
  /** Whether it has written all that it took. Until then superd does not read the pipe: the pipe fills, and the daemon waits, as with any pipe. */
  readonly isReady: boolean;
  /** Calls back once when `isReady`; returns a function that cancels this. */
  whenReady(then: () => void): () => void;
}

/** The pipe of a daemon's output, and the log that gets its lines. */
export interface DaemonOutputOptions {
  /** null for a pipe without a name, which the next superd does not find. */
  readonly path: string | null;
  readonly watch: (fd: number, onReadable: () => void) => Watched;
  readonly peek: PipePeek;
  readonly pace: Pace;
  to: Destination;
  /** Called when the pipe cannot be read; superd reads no more of it until the next start. */
  readonly broken: (error: Error) => void;
}

/**
 * The standard output or error of one daemon: a named pipe, which the daemon itself holds open for reading and writing. When superd is
 * gone, the daemon gets no SIGPIPE and loses no byte: its output waits in the pipe for the next superd, or the daemon blocks.
 *
 * Therefore the daemon can read its own output back from the pipe. Only its own log then lacks these lines.
 */
export class DaemonOutput {
  private fd: number;
  private watched: Watched;
  private rest: Buffer | null = null;
  /** The daemon has put something into the pipe that cannot be read. */
  private isBroken = false;
  /** Bytes at the head of the pipe that the destination has taken and not written yet. */
  private taken = 0;
  private cancelWait = () => {};

  constructor(private readonly options: DaemonOutputOptions) {
    [this.fd, this.watched] = this.openPipe();
  }

  /** Receives the lines from now on. */
  writeTo(to: Destination): void {
    this.options.to = to;
  }

  /** A new descriptor for one start, which the caller gives away. */
  descriptor(): number {
    if (this.isBroken) this.renew();
    return openSync(`/proc/self/fd/${this.fd}`, constants.O_RDWR);
  }

  /**
   * Reads what is in the pipe, as far as the destination takes it without a wait.
   *
   * @returns Whether it has read something.
   */
  drain(): boolean {
    let count = 0;
    while (count < MOST_CHUNKS && this.readOnce()) count++;
    return count > 0;
  }

  /** Writes out what is left as the destination takes it, and closes. The name of the pipe is free at once. */
  finish(closed: () => void): void {
    this.stopReading();
    this.unlink();
    this.finishWithin(MOST_CHUNKS, closed);
  }

  private finishWithin(most: number, closed: () => void): void {
    let left = most;
    while (left > 0 && this.readOnce()) left--;
    if (left > 0 && !this.options.to.isReady) {
      this.cancelWait = this.options.to.whenReady(() => this.finishWithin(left, closed));
      return;
    }
    this.writeRest();
    closeSync(this.fd);
    closed();
  }

  /** Writes out the unfinished line. */
  writeRest(): void {
    if (this.rest !== null) this.options.to.write(`${this.rest.toString('utf8')}\n`);
    this.rest = null;
  }

  /** Removes the pipe if the end is final. What the destination has not written stays in the pipe. */
  close(end: OutputEnd): void {
    if (this.options.to.isReady) this.removeTaken();
    this.closePipe(end);
  }

  private openPipe(): [fd: number, watched: Watched] {
    const { path, watch } = this.options;
    const fd = path === null ? openUnnamed() : openNamed(path);
    try {
      return [fd, watch(fd, () => this.read())];
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  private closePipe(end: OutputEnd): void {
    this.stopReading();
    closeSync(this.fd);
    if (end === 'final') this.unlink();
  }

  private stopReading(): void {
    this.cancelWait();
    this.watched.stop();
  }

  private unlink(): void {
    if (this.options.path !== null) unlinkQuietly(this.options.path);
  }

  private renew(): void {
    this.closePipe('final');
    [this.fd, this.watched] = this.openPipe();
    this.isBroken = false;
    this.taken = 0;
  }

  private read(): void {
    this.readOnce();
    if (!this.isBroken) this.cancelWait = this.options.pace.wait(() => this.readOn());
  }

  private readOn(): void {
    const rearm = () => {
      this.removeTaken();
      this.watched.rearm();
    };
    if (this.options.to.isReady) rearm();
    else this.cancelWait = this.options.to.whenReady(rearm);
  }

  /** @returns Whether there may be more, and the destination takes it. */
  private readOnce(): boolean {
    const { to } = this.options;
    if (!to.isReady) return false;
    this.removeTaken();
    const chunk = this.look();
    if (chunk.length === 0) return false;
    this.taken = chunk.length;
    this.split(chunk);
    if (to.isReady) this.removeTaken();
    return true;
  }

  /** Bytes leave the pipe only after they are written: if superd is killed in between, the next superd finds them there. */
  private removeTaken(): void {
    const count = this.taken;
    this.taken = 0;
    if (count > 0 && !this.isBroken) removeBytes(this.fd, count);
  }

  private look(): Buffer {
    if (this.isBroken) return NOTHING;
    try {
      return this.options.peek.look(this.fd);
    } catch (error) {
      if (TEMPORARY.has((error as NodeJS.ErrnoException).code ?? '')) return NOTHING;
      // Otherwise the pipe would stay readable for ever.
      this.isBroken = true;
      this.watched.stop();
      this.options.broken(error as Error);
      return NOTHING;
    }
  }

  private split(chunk: Buffer): void {
    const text = this.rest === null ? chunk : Buffer.concat([this.rest, chunk]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    const { to } = this.options;
    if (end > 0) to.write(text.toString('utf8', 0, end));
    let from = end;
    for (; text.length - from > LONGEST_LINE; from += LONGEST_LINE) to.write(`${text.toString('utf8', from, from + LONGEST_LINE)}\n`);
    this.rest = from === text.length ? null : Buffer.from(text.subarray(from));
  }
}

function openNamed(path: string): number {
  fifoMake(path, 0o600);
  const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
  if (fstatSync(fd).isFIFO()) return fd;
  closeSync(fd);
  unlinkQuietly(path);
  return openNamed(path);
}

/** Open for reading and writing, like a named pipe. */
function openUnnamed(): number {
  const [readEnd, writeEnd] = pipeOpen();
  const fd = openSync(`/proc/self/fd/${readEnd}`, constants.O_RDWR | constants.O_NONBLOCK);
  closeSync(readEnd);
  closeSync(writeEnd);
  setNonblocking(fd, true);
  return fd;
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or the next start reports why it cannot be replaced.
  }
}
