import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { pipeCopy, pipeOpen } from '../../os/descriptor.js';
import { fifoMake } from '../../os/file.js';
import { setNonblocking } from '../../os/socket.js';
import type { Watched } from '../../supervise/context.js';

/** Less than a log file takes in one turn. */
const CHUNK = 32_768;
/** A longer line is cut. */
const LONGEST_LINE = 16_384;
/** More than a pipe holds, pipe(7). */
const MOST_CHUNKS = 64;
const NEWLINE = 0x0a;

/** Takes whole lines, each with its newline. */
export type TakeLines = (lines: string) => void;

/** Where what waits in a pipe is looked at. All instances are read one after the other, so one does for them. */
export class Room {
  private parts: { readonly bytes: Buffer; readonly read: number; readonly write: number } | null = null;

  /** @returns What waits in that pipe, which is still in it; valid until the next call. */
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
 * What one daemon writes to its standard output or error: a pipe with a name, which the daemon holds open for reading and writing. So it
 * neither gets SIGPIPE nor loses a byte when superd is gone: what it writes waits in the pipe for the next superd, or the daemon waits.
 */
export class Output {
  private readonly fd: number;
  private readonly watched: Watched;
  private rest: Buffer | null = null;

  /** @param path null for a pipe without a name, which no later superd finds. */
  constructor(
    private readonly path: string | null,
    watch: (fd: number, onReadable: () => void) => Watched,
    private readonly room: Room,
    public take: TakeLines,
  ) {
    this.fd = path === null ? openUnnamed() : openNamed(path);
    this.watched = watch(this.fd, () => this.read());
  }

  /** A descriptor for one start, to be given away. */
  descriptor(): number {
    return openSync(`/proc/self/fd/${this.fd}`, constants.O_RDWR);
  }

  /** Takes what is there already. */
  drain(): void {
    for (let i = 0; i < MOST_CHUNKS && this.readOnce(); i++);
  }

  /** @param end `for-good`: what comes later nobody reads. */
  close(end: 'for-good' | 'for-the-next'): void {
    this.drain();
    if (this.rest !== null) this.take(`${this.rest.toString('utf8')}\n`);
    this.rest = null;
    this.watched.stop();
    closeSync(this.fd);
    if (end === 'for-good' && this.path !== null) unlinkQuietly(this.path);
  }

  private read(): void {
    this.readOnce();
    this.watched.rearm();
  }

  /** @returns Whether there may be more. */
  private readOnce(): boolean {
    const chunk = this.room.look(this.fd);
    if (chunk.length === 0) return false;
    this.split(chunk);
    // Out of the pipe when it is written, and not before: if superd is killed in between, the next one finds it.
    readSync(this.fd, chunk);
    return true;
  }

  private split(chunk: Buffer): void {
    const text = this.rest === null ? chunk : Buffer.concat([this.rest, chunk]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.take(text.toString('utf8', 0, end));
    let from = end;
    for (; text.length - from > LONGEST_LINE; from += LONGEST_LINE) this.take(`${text.toString('utf8', from, from + LONGEST_LINE)}\n`);
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

/** Opened anew, for reading and writing. */
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
    // Gone, or not to be had: the next start tells.
  }
}
