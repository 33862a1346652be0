import type { Section, Store } from '../../state/store.js';

interface Kept {
  readonly boot: string;
  /** Those whose services run, or ran when superd was killed. */
  readonly running: readonly string[];
  /** Stopped by hand: they stay so over a restart of superd. */
  readonly stopped: readonly string[];
}

/** What is kept of init scripts beyond this run. */
export class ScriptRecords {
  private readonly section: Section<Kept>;
  private readonly before: ReadonlySet<string>;
  private readonly running = new Set<string>();
  private readonly stopped: Set<string>;

  constructor(
    store: Store,
    private readonly boot: string,
  ) {
    this.section = store.section('scripts', readKept);
    const { boot: then, running, stopped } = this.section.value;
    this.before = new Set(then === boot ? running : []);
    this.stopped = new Set(stopped);
  }

  /** Whether it may run still, since before this superd. */
  ran(id: string): boolean {
    return this.before.has(id);
  }

  isStopped(id: string): boolean {
    return this.stopped.has(id);
  }

  keep(id: string, runs: boolean): void {
    if (this.running.has(id) === runs) return;
    if (runs) this.running.add(id);
    else this.running.delete(id);
    this.save();
  }

  hold(id: string, stopped: boolean): void {
    if (this.stopped.has(id) === stopped) return;
    if (stopped) this.stopped.add(id);
    else this.stopped.delete(id);
    this.save();
  }

  /** All has been stopped. */
  end(): void {
    this.running.clear();
    this.save();
  }

  private save(): void {
    this.section.set({ boot: this.boot, running: [...this.running], stopped: [...this.stopped] });
  }
}

/** Anything may stand in the file. */
function readKept(value: unknown): Kept {
  const { boot, running, stopped } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return { boot: typeof boot === 'string' ? boot : '', running: strings(running), stopped: strings(stopped) };
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
