import { monotonicMs } from '../../clock.js';
import { DELAY_SECONDS, Histogram } from './histogram.js';

/** A beat costs some 5 µs: ten a second are nothing, and a superd that nobody watches has none at all. */
const BEAT_MS = 100;

/** Who scrapes does so every minute or oftener. */
const PATIENCE_MS = 5 * 60_000;

/**
 * How late superd's own work comes to its turn. Measured from the first look on, for as long as somebody looks every five minutes: an
 * idle superd is to sleep.
 */
export class LoopDelay {
  readonly seconds = new Histogram(DELAY_SECONDS);
  private beat: NodeJS.Timeout | null = null;
  private lookedAt = 0;
  private due = 0;

  /** Somebody looks. */
  look(): void {
    this.lookedAt = monotonicMs();
    if (this.beat !== null) return;
    this.due = this.lookedAt + BEAT_MS;
    this.beat = setInterval(() => this.measure(), BEAT_MS).unref();
  }

  stop(): void {
    if (this.beat !== null) clearInterval(this.beat);
    this.beat = null;
  }

  private measure(): void {
    const now = monotonicMs();
    this.seconds.observe(Math.max(0, now - this.due) / 1000);
    this.due = now + BEAT_MS;
    if (now - this.lookedAt > PATIENCE_MS) this.stop();
  }
}
