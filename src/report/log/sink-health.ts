import { SystemError } from '../../errors.js';
import type { EventSink } from '../event.js';
import type { Loss } from './line-sink.js';

/** A sink that has worked this long is well; one that fails again sooner has been in the same trouble all the time. */
const SETTLE_MS = 2000;

/**
 * Whether a sink works, and what it lost while it did not. Says each trouble once and its end once, however often it is told.
 */
export class SinkHealth {
  #problem = '';
  #lines = 0;
  #since = 0;
  /** Lines lost since the operator heard of the trouble. */
  #linesInAll = 0;
  #settling: NodeJS.Timeout | null = null;

  /** @param sink The name for people: `/var/log/servicelog`, `syslog`. */
  constructor(
    readonly sink: string,
    private readonly report: EventSink,
  ) {}

  get lost(): boolean {
    return this.#lines > 0;
  }

  fail(problem: string): void {
    if (this.#problem !== '') return;
    this.#problem = problem;
    if (this.#settling === null) this.#say(problem, this.#lines);
    else clearTimeout(this.#settling);
    this.#settling = null;
  }

  /** Counts a line that will not be written; there must have been a `fail`, or `problem` becomes one. */
  lose(problem: string): void {
    if (this.#lines++ === 0) this.#since = Date.now();
    this.fail(problem);
  }

  /** It works again. Returns what was lost meanwhile, for the log itself to tell; null when nothing was. */
  recover(): Loss | null {
    if (this.#problem === '') return null;
    const loss = { at: Date.now(), since: this.#since, lines: this.#lines, problem: this.#problem };
    this.#problem = '';
    this.#lines = 0;
    this.#linesInAll += loss.lines;
    this.#settling = setTimeout(() => this.#settle(), SETTLE_MS).unref();
    return loss.lines > 0 ? loss : null;
  }

  #settle(): void {
    this.#settling = null;
    this.#say('', this.#linesInAll);
    this.#linesInAll = 0;
  }

  #say(problem: string, linesLost: number): void {
    this.report({ type: 'log-health', at: Date.now(), sink: this.sink, problem, linesLost });
  }
}

/**
 * What node:fs threw, in the words that all of superd uses.
 *
 * @example describeFailure(error, '/var/log/x') // 'open /var/log/x: permission denied (EACCES)'
 */
export function describeFailure(error: unknown, path: string): string {
  const { syscall, errno, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined || errno === undefined) return message;
  return new SystemError(syscall, -errno, path).message;
}

/** The name of an errno(3) that node:fs threw, or an empty string. */
export function failureCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
