import { monotonicMs } from '../../clock.js';
import { SystemError } from '../../errors.js';
import {
  closing,
  type FileTask,
  type Look,
  lookingAt,
  type OpenFile,
  type Ownership,
  openingForAppend,
  startFileTask,
  UntrustedFile,
  writing,
} from '../../os/open-safely.js';
import { Generations, type Serially } from './generations.js';

/** How often superd checks that the path still refers to the file. */
const CHECK_MS = 1000;

export interface FileLimits {
  /** Bytes that trigger one warning; Infinity is no limit. */
  readonly soft: number;
  /** Bytes that the file never exceeds. */
  readonly hard: number;
  /** Older generations; 0 stops writing at `hard`. */
  readonly keep: number;
}

export const unlimited: FileLimits = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY, keep: 0 };

/** Starts an operation. Without `failed`, the caller of the file handles its error. */
export type Begin = <T>(task: FileTask<T>, done: (result: T) => void, failed?: (error: Error) => void) => void;

interface LogFileOptions {
  readonly path: string;
  readonly limits: FileLimits;
  readonly serially: Serially;
  /** Called when another file is open than before. */
  readonly changed: () => void;
  /** Called after each compression, when there may be more room. */
  readonly roomMade: () => void;
  readonly warn: (message: string) => void;
}

/**
 * The open file of a log, its size and its older generations, which stay within hard × (keep + 1) bytes together. When the file was moved or
 * removed, `prepare` opens its path again.
 */
export class LogFile {
  #limits: FileLimits;
  #log: OpenFile | null = null;
  /** Bytes in the file at the last look, and those written since. */
  #size = 0;
  /** Mode and owner of the file that the next one replaces. */
  #like: Ownership | null = null;
  #generations: Generations | null = null;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #lastFile = '';

  constructor(private readonly options: LogFileOptions) {
    this.#limits = options.limits;
  }

  get limits(): FileLimits {
    return this.#limits;
  }

  limit(limits: FileLimits): void {
    this.#limits = limits;
    this.#generations?.limit(limits.hard, limits.keep);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes that fit into the file. */
  get room(): number {
    return this.#generations === null ? Number.POSITIVE_INFINITY : this.#generations.room - this.#size;
  }

  /** Whether a compression is running; a rotation has to wait for it. */
  get isBusy(): boolean {
    return this.#generations?.isBusy === true;
  }

  /** Makes `prepare` look at the path next. */
  lookSoon(): void {
    this.#checkedAt = Number.NEGATIVE_INFINITY;
  }

  /** Begins what must come before the next write. @returns false when there is nothing. */
  prepare(begin: Begin): boolean {
    const [log, generations] = [this.#log, this.#generations];
    if (log === null) begin(openingForAppend(this.options.path, this.#like), (opened) => this.#opened(opened));
    else if (generations?.isMeasured === false) begin(generations.measuring(), (sizes) => generations.measured(sizes));
    else if (monotonicMs() - this.#checkedAt >= CHECK_MS) begin(lookingAt(this.options.path, log.fd), (look) => this.#looked(log, look));
    else return false;
    return true;
  }

  /** Writes to the open file; `done` gets the number of bytes written. */
  write(begin: Begin, bytes: Uint8Array, done: (count: number) => void): void {
    begin(writing(this.#open.fd, this.options.path, bytes), (count) => {
      this.#size += count;
      done(count);
    });
  }

  /** Begins a new file. `keep` is not 0, and no compression is running. */
  rotate(begin: Begin, failed: (error: Error) => void): void {
    const { file } = this.#open;
    const generations = this.#generations as Generations;
    begin(
      generations.rotating(file),
      (moved) => {
        generations.rotated(file, moved.size);
        this.#replace(moved);
      },
      (error) => {
        generations.forget();
        const isElsewhere = error instanceof UntrustedFile && error.problem === 'changed';
        // Another program has moved it.
        if (isElsewhere || (error instanceof SystemError && error.code === 'ENOENT')) this.#replace(null);
        else failed(error);
      },
    );
  }

  /** Closes the file, and one that an operation has opened since; the next write opens the path again. */
  close(late: unknown = null): void {
    for (const file of [this.#log, late]) if (isOpenFile(file)) this.#closeFile(file);
    this.#log = null;
  }

  get #open(): OpenFile {
    return this.#log as OpenFile;
  }

  #opened(log: OpenFile): void {
    this.#log = log;
    this.#size = log.size;
    this.#like = null;
    this.#checkedAt = monotonicMs();
    if (log.file !== this.#lastFile) this.options.changed();
    this.#lastFile = log.file;
    if (!log.regular) this.#generations = null;
    else if (this.#generations?.path !== log.path) this.#generations = this.#generationsOf(log);
    else this.#generations.forget();
  }

  #generationsOf({ path }: OpenFile): Generations {
    const { hard, keep } = this.#limits;
    return new Generations(path, hard, keep, this.options.serially, this.options.roomMade);
  }

  /** Learns what others wrote to the file. */
  #looked(log: OpenFile, look: Look): void {
    this.#checkedAt = monotonicMs();
    if (look.there !== log.file) this.#replace(look);
    else if (log.regular) this.#size = look.size;
  }

  /** The next file gets the mode and owner of this one. */
  #replace(like: Ownership | null): void {
    this.close();
    this.#like = like;
  }

  #closeFile({ fd }: OpenFile): void {
    try {
      startFileTask(closing(fd), () => {});
    } catch (error) {
      this.options.warn(`${this.options.path}: superd keeps it open, since it cannot be closed: ${(error as Error).message}`);
    }
  }
}

function isOpenFile(value: unknown): value is OpenFile {
  return typeof value === 'object' && value !== null && 'fd' in value && 'file' in value;
}
