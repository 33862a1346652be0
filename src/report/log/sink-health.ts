import { runLater } from '../../guarded.js';
import type { EventSink } from '../event.js';
import type { Loss } from './line-sink.js';

/** A sink counts as recovered after this time; one that fails sooner continues the same failure. */
const RECOVERED_MS = 2000;

/**
 * Tracks whether a sink works, and how many lines it lost. Reports each failure once and its end once, however often `fail` is called.
 */
export class SinkHealth {
  #problem = '';
  #lines = 0;
  #since = 0;
  /** Lines lost since the failure was reported. */
  #totalLines = 0;
  #recovering: NodeJS.Timeout | null = null;

  /** @param sink The name for people: `/var/log/servicelog`, `syslog`. */
  constructor(
    readonly sink: string,
    private readonly report: EventSink,
  ) {}

  get isLosing(): boolean {
    return this.#lines > 0;
  }

  fail(problem: string): void {
    if (this.#problem !== '') return;
    this.#problem = problem;
    if (this.#recovering === null) this.#report(problem, this.#lines);
    else clearTimeout(this.#recovering);
    this.#recovering = null;
  }

  /** Counts a line that will not be written; without a `fail` before, `problem` is the failure. */
  lose(problem: string): void {
    if (this.#lines++ === 0) this.#since = Date.now();
    this.fail(problem);
  }

  /** The sink works again. Returns the loss, for the log itself to report; null without one. */
  recover(): Loss | null {
    if (this.#problem === '') return null;
    const loss = { at: Date.now(), since: this.#since, lines: this.#lines, problem: this.#problem };
    this.#problem = '';
    this.#lines = 0;
    this.#totalLines += loss.lines;
    this.#recovering = runLater(() => this.#recovered(), RECOVERED_MS).unref();
    return loss.lines > 0 ? loss : null;
  }

  #recovered(): void {
    this.#recovering = null;
    this.#report('', this.#totalLines);
    this.#totalLines = 0;
  }

  #report(problem: string, linesLost: number): void {
    this.report({ type: 'log-health', at: Date.now(), sink: this.sink, problem, linesLost });
  }
}
