import { SystemError } from '../../errors.js';
import type { EventSink } from '../event.js';
import type { Loss } from './session-line.js';

/**
 * Whether a sink works, and what it lost while it did not. Says each trouble once and its end once, however often it is told.
 */
export class Trouble {
  #problem = '';
  #lines = 0;
  #since = 0;

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
    this.report({ type: 'log-trouble', at: Date.now(), sink: this.sink, problem, linesLost: this.#lines });
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
    this.report({ type: 'log-trouble', at: loss.at, sink: this.sink, problem: '', linesLost: loss.lines });
    return loss.lines > 0 ? loss : null;
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
