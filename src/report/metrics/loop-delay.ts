import { monotonicMs } from '../../clock.js';
import { runEvery } from '../../guarded.js';
import { DELAY_SECONDS, Histogram } from './histogram.js';

/** A sample costs some 5 µs, so ten a second are negligible. */
const SAMPLE_MS = 100;

/** Longer than any scrape interval in use. */
const STOP_AFTER_MS = 5 * 60_000;

/**
 * Measures the delay of superd's event loop. Sampling starts with the first read of the metrics and stops five minutes after the last, so
 * that an idle superd sleeps.
 */
export class LoopDelay {
  readonly seconds = new Histogram(DELAY_SECONDS);
  private interval: NodeJS.Timeout | null = null;
  private requestedAt = 0;
  private due = 0;

  /** Call this whenever the metrics are read. */
  keepMeasuring(): void {
    this.requestedAt = monotonicMs();
    if (this.interval !== null) return;
    this.due = this.requestedAt + SAMPLE_MS;
    this.interval = runEvery(() => this.measure(), SAMPLE_MS).unref();
  }

  stop(): void {
    if (this.interval !== null) clearInterval(this.interval);
    this.interval = null;
  }

  private measure(): void {
    const now = monotonicMs();
    this.seconds.observe(Math.max(0, now - this.due) / 1000);
    this.due = now + SAMPLE_MS;
    if (now - this.requestedAt > STOP_AFTER_MS) this.stop();
  }
}
