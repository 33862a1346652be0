import { statSync } from 'node:fs';
import { lookUp } from '../os/names.js';

/** Soon, because at boot the network often comes a moment later; then ever more rarely. */
const FIRST_MS = 5000;
const LAST_MS = 60_000;
const DEADLINE_MS = 5000;

interface LoadedConfiguration {
  readonly files: readonly string[];
  /** Host names without an address. */
  readonly unresolved: readonly string[];
  /** When its reading began, milliseconds since the epoch. */
  readonly readAt: number;
}

/** Tries host names of address lists again that had no address when the configuration was read. */
export class DnsRetry {
  private timer: NodeJS.Timeout | null = null;
  private delay = FIRST_MS;
  private files = '';
  private names: readonly string[] = [];
  private readAt = 0;

  /** @param found Called when some of them have an address now: the configuration is worth reading again. */
  constructor(private readonly found: (names: readonly string[]) => void) {}

  /** Begins anew with a configuration that was taken. */
  follow({ files, unresolved, readAt }: LoadedConfiguration): void {
    this.names = unresolved;
    this.files = files.join('\0');
    this.readAt = readAt;
    this.delay = FIRST_MS;
    this.schedule();
  }

  /** Whether nobody has touched the files since: what an operator is about to write is taken on SIGHUP, not before. */
  isUntouched(files: readonly string[]): boolean {
    return files.join('\0') === this.files && files.every((file) => statSync(file).mtimeMs < this.readAt);
  }

  /** Tries again, later than the last time. */
  schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.names.length === 0) return;
    this.timer = setTimeout(() => void this.retry(), this.delay);
    this.timer.unref();
    this.delay = Math.min(2 * this.delay, LAST_MS);
  }

  private async retry(): Promise<void> {
    const { names } = this;
    const answers = await lookUp(
      names.map((name) => ['addresses', name] as const),
      DEADLINE_MS,
    );
    // Another configuration was taken meanwhile.
    if (names !== this.names) return;
    const known = names.filter((_, i) => answers[i] !== null);
    if (known.length > 0) this.found(known);
    else this.schedule();
  }
}
