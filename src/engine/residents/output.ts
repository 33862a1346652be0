import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { pipeCopy, pipeOpen } from '../../os/descriptor.js';
import { fifoMake } from '../../os/file.js';
import { setNonblocking } from '../../os/socket.js';
import type { Watched } from '../../supervise/context.js';

/** Less than a log file takes in one write. */
const CHUNK = 32_768;
/** superd cuts a longer line. */
const LONGEST_LINE = 16_384;
/** Together larger than the capacity of a pipe, pipe(7). */
const MOST_CHUNKS = 64;
const NEWLINE = 0x0a;

/** `adoptable`: the daemon runs on, and the next superd reads its output. `final`: it has ended. */
export type OutputEnd = 'final' | 'adoptable';

/** Writes whole lines, each with its newline. */
export type WriteLines = (lines: string) => void;

/** Reads pipes without emptying them. All instances share one, since superd reads them one after the other. */
export class PipePeek {
  private parts: { readonly bytes: Buffer; readonly read: number; readonly write: number } | null = null;

  /** @returns The contents of the pipe, which stay in it; valid until the next call. */
  look(fd: number): Buffer {
    this.parts ??= roomParts();
    const { bytes, read, write } = this.parts;
    return pipeCopy(fd, write, CHUNK) === 0 ? bytes.subarray(0, 0) : bytes.subarray(0, readSync(read, bytes));
  }

  close(): void {
    if (this.parts === null) return;
    closeSync(this.parts.read);
    closeSync(this.parts.write);
    this.parts = null;
  }
}

function roomParts() {
  const [read, write] = pipeOpen();
  return { bytes: Buffer.allocUnsafeSlow(CHUNK), read, write };
}

/**
 * The standard output or error of one daemon: a named pipe, which the daemon itself holds open for reading and writing. When superd is
 * gone, the daemon gets no SIGPIPE and loses no byte: its output waits in the pipe for the next superd, or the daemon blocks.
 */
export class DaemonOutput {
  private readonly fd: number;
  private readonly watched: Watched;
  private rest: Buffer | null = null;

  /** @param path null for a pipe without a name, which the next superd does not find. */
  constructor(
    private readonly path: string | null,
    watch: (fd: number, onReadable: () => void) => Watched,
    private readonly peek: PipePeek,
    public write: WriteLines,
  ) {
    this.fd = path === null ? openUnnamed() : openNamed(path);
    this.watched = watch(this.fd, () => this.read());
  }

  /** A new descriptor for one start, which the caller gives away. */
  descriptor(): number {
    return openSync(`/proc/self/fd/${this.fd}`, constants.O_RDWR);
  }

  /** Reads what is in the pipe. */
  drain(): void {
    for (let i = 0; i < MOST_CHUNKS && this.readOnce(); i++);
  }

  /** Writes out the unfinished line, and removes the pipe if the end is final. */
  close(end: OutputEnd): void {
    this.drain();
    if (this.rest !== null) this.write(`${this.rest.toString('utf8')}\n`);
    this.rest = null;
    this.watched.stop();
    closeSync(this.fd);
    if (end === 'final' && this.path !== null) unlinkQuietly(this.path);
  }

  private read(): void {
    this.readOnce();
    this.watched.rearm();
  }

  /** @returns Whether there may be more. */
  private readOnce(): boolean {
    const chunk = this.peek.look(this.fd);
    if (chunk.length === 0) return false;
    this.split(chunk);
    // Removed from the pipe only after it is written: if superd is killed in between, the next superd finds it there.
    readSync(this.fd, chunk);
    return true;
  }

  private split(chunk: Buffer): void {
    const text = this.rest === null ? chunk : Buffer.concat([this.rest, chunk]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.write(text.toString('utf8', 0, end));
    let from = end;
    for (; text.length - from > LONGEST_LINE; from += LONGEST_LINE) this.write(`${text.toString('utf8', from, from + LONGEST_LINE)}\n`);
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
