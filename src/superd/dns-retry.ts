import { runLater } from '../guarded.js';
import { isKnown, lookUp } from '../os/names.js';

/** The first retry comes soon, because at boot the network is often up seconds later. Each wait is twice the last one. */
const FIRST_MS = 5000;
const LAST_MS = 60_000;
const DEADLINE_MS = 5000;

/** Looks up again the host names in address lists that had no address when superd read the configuration. */
export class DnsRetry {
  private timer: NodeJS.Timeout | null = null;
  private delay = FIRST_MS;
  private names: readonly string[] = [];

  /** @param found Called with the names that have an address now. */
  constructor(private readonly found: (names: readonly string[]) => void) {}

  /** Starts over with the names of a new configuration. */
  follow(names: readonly string[]): void {
    this.names = names;
    this.delay = FIRST_MS;
    this.schedule();
  }

  /** Schedules the next retry, after twice the last wait. */
  schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.names.length === 0) return;
    this.timer = runLater(() => this.retry(), this.delay);
    this.timer.unref();
    this.delay = Math.min(2 * this.delay, LAST_MS);
  }

  private async retry(): Promise<void> {
    const { names } = this;
    let known: readonly string[] = [];
    try {
      const answers = await lookUp(
        names.map((name) => ['addresses', name] as const),
        DEADLINE_MS,
      );
      known = names.filter((_, i) => isKnown(answers[i]));
    } finally {
      // Unless `follow` has replaced the names meanwhile.
      if (names === this.names && known.length === 0) this.schedule();
    }
    if (names === this.names && known.length > 0) this.found(known);
  }
}
