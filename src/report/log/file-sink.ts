import { monotonicMs } from '../../clock.js';
import { SystemError } from '../../errors.js';
import { runLater, runNext, runSoon } from '../../guarded.js';
import { type FileJob, type FileTask, startFileTask } from '../../os/open-safely.js';
import type { EventSink } from '../event.js';
import type { Serially } from './generations.js';
import { LineBuffer } from './line-buffer.js';
import type { LineSink, LossLine } from './line-sink.js';
import { type Begin, type FileLimits, LogFile } from './log-file.js';
import { SinkHealth } from './sink-health.js';

/** Bytes buffered while the log fails; further lines are lost and counted. */
const BUFFER_BYTES = 64 * 1024;
/** Bytes buffered until the end of the turn and while the disk is slow. superd does not wait for room: a user of the file could delay each write. */
const SLOW_BUFFER_BYTES = 1024 * 1024;
/** After a write, further lines are gathered this long: under a flood, a write(2) in each turn would be a fifth of the cost of a refusal. */
export const GATHER_MS = 5;
/** Wait before retrying a failed log, doubled each time; starts again after 30 s without a failure. */
const RETRY_MS = { first: 1000, most: 10_000, forgiven: 30_000 };
/** Wait before trying again while a compression makes room. */
const COMPRESSION_MS = 1000;
/** Wait before retrying a full pipe or terminal. */
const FULL_PIPE_MS = 50;
/** How long `flush` and `close` wait for a file system. They do not wait at all for an operation that has already taken as long. */
const PATIENCE_MS = 250;
/** A file system that has not answered for this long is reported. */
const HUNG_MS = 5000;
/** How often the sink looks at an operation that takes longer than `GATHER_MS`. */
const SLOW_MS = 50;

export interface FileSinkOptions {
  readonly path: string;
  readonly limits: FileLimits;
  readonly lossLine: LossLine;
  readonly report: EventSink;
  readonly serially: Serially;
}

/**
 * A log file. A line goes to a file thread at the end of its turn of the event loop, and the lines of the next 5 ms together. The file and its
 * older generations stay within hard × (keep + 1) bytes. When the file was moved or removed, the sink opens its path again.
 *
 * At most one operation runs at a time. Only `flush`, `reopen`, `settle` and `close` wait for it, for a short time.
 */
export class FileSink implements LineSink {
  readonly #lines = new LineBuffer();
  readonly #health: SinkHealth;
  readonly #file: LogFile;
  #lossLine: LossLine;
  #job: FileJob | null = null;
  #jobStartedAt = 0;
  /** Whether lines are to be written now instead of gathered. */
  #isDue = false;
  #scheduled: NodeJS.Immediate | null = null;
  #gathering: NodeJS.Timeout | null = null;
  /** Set while the sink waits before it tries again. */
  #retry: NodeJS.Timeout | null = null;
  #retryMs = RETRY_MS.first;
  #failedAt = Number.NEGATIVE_INFINITY;
  #warned = false;
  #closed = false;
  /** Called once when `isReady`. */
  #waiting = new Set<() => void>();

  constructor(private readonly options: FileSinkOptions) {
    this.#health = new SinkHealth(options.path, options.report);
    this.#file = new LogFile({
      ...options,
      changed: () => this.#lines.restartLine(),
      roomMade: () => this.#attempt(),
      warn: (message) => this.#notice('warning', message),
    });
    this.#lossLine = options.lossLine;
    this.#attempt();
  }

  /** Applies a new configuration; the file stays open. */
  configure(limits: FileLimits, lossLine: LossLine): void {
    this.#lossLine = lossLine;
    const { soft, hard, keep } = this.#file.limits;
    if (limits.soft === soft && limits.hard === hard && limits.keep === keep) return;
    this.#file.limit(limits);
    this.#warned = false;
    this.#attempt();
  }

  write(line: string): void {
    if (this.#closed) return;
    const full = this.#lines.size + line.length > (this.#retry === null ? SLOW_BUFFER_BYTES : BUFFER_BYTES);
    if (this.#health.isLosing || full) this.#health.lose('lines come faster than they can be written');
    else this.#lines.add(line);
    if (this.#scheduled !== null || this.#gathering !== null || this.#retry !== null) return;
    this.#scheduled = runSoon(() => {
      this.#scheduled = null;
      this.#attempt();
      this.#gather();
    });
  }

  /** Whether all that was written is in the file, or the file fails, and `write` loses lines soon. */
  get isReady(): boolean {
    return this.#retry !== null || (this.#job === null && this.#lines.size === 0);
  }

  /** Calls back once when `isReady`, in a later microtask; returns a function that cancels this. */
  whenReady(then: () => void): () => void {
    let isCancelled = false;
    this.#waiting.add(() => {
      if (!isCancelled) then();
    });
    this.#callWaiting();
    return () => {
      isCancelled = true;
    };
  }

  #callWaiting(): void {
    if (this.#waiting.size === 0 || !this.isReady) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const once of waiting) runNext(once);
  }

  /** Gathers the lines that follow a write. */
  #gather(milliseconds = GATHER_MS): void {
    this.#gathering = runLater(() => {
      this.#gathering = null;
      if (this.#lines.size === 0 || this.#retry !== null || this.#closed) return;
      const wasSlow = this.#isUnderWay(GATHER_MS);
      this.#attempt();
      if (this.#isUnderWay(HUNG_MS)) this.#health.fail(`${this.options.path} has not answered for ${HUNG_MS / 1000} s`);
      else this.#gather(wasSlow ? SLOW_MS : GATHER_MS);
    }, milliseconds).unref();
  }

  reopen(until = monotonicMs() + PATIENCE_MS): void {
    this.#warned = false;
    this.flush(until);
    this.#file.lookSoon();
    this.#attempt();
    this.settle(until);
  }

  flush(until = monotonicMs() + PATIENCE_MS): void {
    if (this.#retry === null) this.#attempt();
    this.settle(until);
  }

  settle(until = monotonicMs() + PATIENCE_MS): void {
    while (this.#job !== null && !this.#isUnderWay(PATIENCE_MS)) {
      if (!this.#job.wait(Math.max(0, until - monotonicMs()))) return;
    }
  }

  close(until = monotonicMs() + PATIENCE_MS): void {
    this.#attempt();
    this.settle(until);
    this.#closed = true;
    if (this.#lines.size > 0)
      this.#notice('error', `${this.options.path}: closed with ${this.#lines.size} bytes that could not be written`);
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#job === null) this.#file.close();
  }

  #isUnderWay(ms: number): boolean {
    return this.#job !== null && monotonicMs() - this.#jobStartedAt > ms;
  }

  /** Starts to write as many buffered lines as possible. */
  #attempt(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#isDue = true;
    this.#advance();
  }

  /** Begins the next operation, if there is one and no other is running; never throws. */
  #advance(): void {
    try {
      while (this.#job === null && this.#retry === null && !this.#closed && this.#next());
    } catch (error) {
      this.#postpone(error as Error);
    }
    this.#callWaiting();
  }

  /** @returns Whether there is more to do. */
  #next(): boolean {
    if (this.#file.prepare(this.#begin)) return true;
    if (!this.#isDue) return false;
    if (this.#lines.size === 0 && !this.#addLossLine()) {
      this.#isDue = false;
      return false;
    }
    const all = this.#lines.head(Number.POSITIVE_INFINITY);
    const head = this.#lines.head(this.#file.room);
    if (head.length === 0) return this.#makeRoom();
    this.#isDue = head.length < all.length;
    this.#file.write(this.#begin, head, (count) => this.#wrote(count, head.length));
    return true;
  }

  readonly #begin: Begin = <T>(task: FileTask<T>, done: (result: T) => void, failed = (error: Error) => this.#postpone(error)) => {
    this.#jobStartedAt = monotonicMs();
    this.#job = startFileTask(task, (result) => {
      this.#job = null;
      if (this.#closed) this.#file.close(result);
      else if (result instanceof Error) failed(result);
      else done(result);
      this.#advance();
    });
  };

  #wrote(count: number, wanted: number): void {
    this.#lines.written(count);
    if (count < wanted || this.#lines.size === 0) this.#isDue = true;
    const { soft } = this.#file.limits;
    if (this.#file.size < soft || this.#warned) return;
    this.#warned = true;
    this.#notice('warning', `Size of ${this.options.path} exceeded soft limit (${soft} bytes)`);
  }

  /** After a recovery, with nothing buffered: adds the line that reports the loss. */
  #addLossLine(): boolean {
    const loss = this.#health.recover();
    if (loss === null) return false;
    const line = this.#lossLine(loss);
    if (Buffer.byteLength(line) > this.#file.limits.hard) return false;
    this.#lines.add(line);
    return true;
  }

  /** Makes room for a line that does not fit. False: wait and try again. */
  #makeRoom(): boolean {
    const { hard, keep } = this.#file.limits;
    if (this.#lines.firstLineBytes > hard) {
      this.#lines.dropFirstLine();
      this.#health.lose(`a line is longer than the hard limit of ${hard} bytes`);
      return true;
    }
    if (keep === 0) throw new Error(`Size of ${this.options.path} exceeded hard limit (${hard} bytes, log_keep = 0)`);
    if (this.#file.isBusy) return this.#wait(COMPRESSION_MS);
    this.#file.rotate(this.#begin, (error) => this.#postpone(error));
    return true;
  }

  #postpone(error: Error): void {
    if (error instanceof SystemError && error.code === 'EAGAIN') {
      this.#wait(FULL_PIPE_MS);
      return;
    }
    this.#file.close();
    const now = monotonicMs();
    if (now - this.#failedAt > RETRY_MS.forgiven) this.#retryMs = RETRY_MS.first;
    this.#failedAt = now;
    this.#wait(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
    this.#health.fail(error.message);
  }

  #wait(ms: number): false {
    this.#retry = runLater(() => this.#attempt(), ms).unref();
    return false;
  }

  #notice(level: 'warning' | 'error', message: string): void {
    this.options.report({ type: 'notice', at: Date.now(), level, message });
  }
}
