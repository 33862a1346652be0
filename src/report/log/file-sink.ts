import { fstatSync, type Stats, statSync, writeSync } from 'node:fs';
import { monotonicMs } from '../../clock.js';
import type { EventSink } from '../event.js';
import { Generations, type Serially } from './generations.js';
import { LineBuffer } from './line-buffer.js';
import type { LineSink, LossLine } from './line-sink.js';
import { closeQuietly, identify, type OpenLog, openAppend } from './open-append.js';
import { describeFailure, failureCode, SinkHealth } from './sink-health.js';

/** Bytes buffered until the end of the turn, or while the log cannot be written; further lines are lost and counted. */
const BUFFER_BYTES = 64 * 1024;
/** After a write, further lines are gathered this long: under a flood, a write(2) in each turn would be a fifth of the cost of a refusal. */
export const GATHER_MS = 5;
/** How often the sink checks that its path still refers to its file. */
const CHECK_MS = 1000;
/** Wait before retrying a failed log, doubled each time; starts again after 30 s without a failure. */
const RETRY_MS = { first: 1000, most: 10_000, forgiven: 30_000 };
/** Wait before retrying a full pipe or terminal. */
const FULL_PIPE_MS = 50;

export interface FileLimits {
  /** Bytes that trigger one warning; Infinity is no limit. */
  readonly soft: number;
  /** Bytes that the file never exceeds. */
  readonly hard: number;
  /** Older generations; 0 stops writing at `hard`. */
  readonly keep: number;
}

export const unlimited: FileLimits = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY, keep: 0 };

export interface FileSinkOptions {
  readonly path: string;
  readonly limits: FileLimits;
  readonly lossLine: LossLine;
  readonly report: EventSink;
  readonly serially: Serially;
}

/**
 * A log file. A line is written at the end of its turn of the event loop, and the lines of the next 5 ms together. The file and its older
 * generations stay within hard × (keep + 1) bytes. When the file was moved or removed, the sink opens its path again.
 */
export class FileSink implements LineSink {
  readonly #lines = new LineBuffer();
  readonly #health: SinkHealth;
  #limits: FileLimits;
  #lossLine: LossLine;
  #log: OpenLog | null = null;
  #generations: Generations | null = null;
  #scheduled: NodeJS.Immediate | null = null;
  #gathering: NodeJS.Timeout | null = null;
  /** Set while the sink waits before it tries again. */
  #retry: NodeJS.Timeout | null = null;
  #retryMs = RETRY_MS.first;
  #failedAt = Number.NEGATIVE_INFINITY;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #lastFile = '';
  #attempting = false;
  #warned = false;
  #closed = false;

  constructor(private readonly options: FileSinkOptions) {
    this.#health = new SinkHealth(options.path, options.report);
    this.#limits = options.limits;
    this.#lossLine = options.lossLine;
    this.#attempt();
  }

  /** Applies a new configuration; the file stays open. */
  configure(limits: FileLimits, lossLine: LossLine): void {
    this.#lossLine = lossLine;
    if (limits.soft === this.#limits.soft && limits.hard === this.#limits.hard && limits.keep === this.#limits.keep) return;
    this.#limits = limits;
    this.#generations?.limit(limits.hard, limits.keep);
    this.#warned = false;
    this.#attempt();
  }

  write(line: string): void {
    if (this.#closed) return;
    if (this.#lines.size + line.length > BUFFER_BYTES) this.flush();
    const full = this.#lines.size + line.length > BUFFER_BYTES;
    if (this.#health.isLosing || full) this.#health.lose('lines come faster than they can be written');
    else this.#lines.add(line);
    if (this.#scheduled !== null || this.#gathering !== null || this.#retry !== null) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = null;
      this.#attempt();
      this.#gather();
    });
  }

  /** Gathers the lines that follow a write. */
  #gather(): void {
    this.#gathering = setTimeout(() => {
      this.#gathering = null;
      if (this.#lines.size === 0 || this.#retry !== null || this.#closed) return;
      this.#attempt();
      this.#gather();
    }, GATHER_MS).unref();
  }

  reopen(): void {
    this.#warned = false;
    this.#attempt();
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    this.#attempt();
  }

  flush(): void {
    if (this.#retry === null) this.#attempt();
  }

  close(): void {
    this.#attempt();
    this.#closed = true;
    if (this.#lines.size > 0)
      this.#notice('error', `${this.options.path}: closed with ${this.#lines.size} bytes that could not be written`);
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#letGo();
  }

  /** Writes as many buffered lines as possible; never throws. */
  #attempt(): void {
    if (this.#attempting || this.#closed) return;
    this.#attempting = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    try {
      this.#drain();
    } catch (error) {
      this.#postpone(error);
    } finally {
      this.#attempting = false;
    }
  }

  #drain(): void {
    this.#checkPath();
    for (;;) {
      if (this.#lines.size === 0 && !this.#addLossLine()) return;
      const log = this.#log ?? this.#open(null);
      const head = this.#lines.head(this.#room(log));
      if (head.length > 0) this.#writeTo(log, head);
      else if (!this.#makeRoom(log)) return;
    }
  }

  /** After a recovery, with nothing buffered: adds the line that reports the loss. */
  #addLossLine(): boolean {
    const loss = this.#health.recover();
    if (loss === null) return false;
    const line = this.#lossLine(loss);
    if (Buffer.byteLength(line) > this.#limits.hard) return false;
    this.#lines.add(line);
    return true;
  }

  #writeTo(log: OpenLog, head: Buffer): void {
    const count = writeSync(log.fd, head);
    log.size += count;
    this.#lines.written(count);
    if (log.size < this.#limits.soft || this.#warned) return;
    this.#warned = true;
    this.#notice('warning', `Size of ${this.options.path} exceeded soft limit (${this.#limits.soft} bytes)`);
  }

  #room(log: OpenLog): number {
    return this.#generations === null ? Number.POSITIVE_INFINITY : this.#generations.room - log.size;
  }

  /** Makes room for a line that does not fit. False: wait and try again. */
  #makeRoom(log: OpenLog): boolean {
    const { hard, keep } = this.#limits;
    if (this.#lines.firstLineBytes > hard) {
      this.#lines.dropFirstLine();
      this.#health.lose(`a line is longer than the hard limit of ${hard} bytes`);
      return true;
    }
    if (keep === 0) throw new Error(`Size of ${this.options.path} exceeded hard limit (${hard} bytes, log_keep = 0)`);
    if (this.#generations!.busy) {
      this.#wait(CHECK_MS);
      return false;
    }
    if (this.#identity(log.realPath) === identify(log)) this.#rotate(log);
    else this.#open(log);
    return true;
  }

  #rotate(log: OpenLog): void {
    const like = fstatSync(log.fd);
    this.#generations!.rotate();
    this.#letGo();
    this.#open(null, like);
  }

  /** Opens the path again when the file was moved or removed, and learns what others wrote to it. */
  #checkPath(): void {
    const now = monotonicMs();
    const log = this.#log;
    if (now - this.#checkedAt < CHECK_MS && log !== null) return;
    if (log === null) this.#open(null);
    else if (this.#identity(this.options.path) !== identify(log)) this.#open(log, fstatSync(log.fd));
    else if (log.regular) log.size = fstatSync(log.fd).size;
    this.#checkedAt = now;
  }

  #identity(path: string): string | null {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : identify(stats);
  }

  #open(old: OpenLog | null, like: Stats | null = null): OpenLog {
    const log = openAppend(this.options.path, like);
    if (old !== null) closeQuietly(old.fd);
    this.#log = log;
    if (identify(log) !== this.#lastFile) this.#lines.restartLine();
    this.#lastFile = identify(log);
    if (!log.regular) this.#generations = null;
    else if (this.#generations?.path !== log.realPath) this.#generations = this.#generationsOf(log);
    else this.#generations.measure();
    return log;
  }

  #generationsOf(log: OpenLog): Generations {
    const { hard, keep } = this.#limits;
    return new Generations(log.realPath, hard, keep, this.options.serially, () => this.#attempt());
  }

  #postpone(error: unknown): void {
    if (failureCode(error) === 'EAGAIN') {
      this.#wait(FULL_PIPE_MS);
      return;
    }
    this.#letGo();
    const now = monotonicMs();
    if (now - this.#failedAt > RETRY_MS.forgiven) this.#retryMs = RETRY_MS.first;
    this.#failedAt = now;
    this.#wait(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
    this.#health.fail(describeFailure(error, this.options.path));
  }

  #wait(ms: number): void {
    this.#retry = setTimeout(() => this.#attempt(), ms).unref();
  }

  #letGo(): void {
    if (this.#log !== null) closeQuietly(this.#log.fd);
    this.#log = null;
  }

  #notice(level: 'warning' | 'error', message: string): void {
    this.options.report({ type: 'notice', at: Date.now(), level, message });
  }
}
