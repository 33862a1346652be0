import type { StateSection } from '../../state/document.js';
import type { Store } from '../../state/store.js';

interface KeptScript {
  readonly boot: string;
  /** Those whose services run, or ran when superd was killed. */
  readonly running: readonly string[];
  /** Those that no plan has any more, and whose services were still there. */
  readonly left: readonly string[];
}

/** What is kept of init scripts beyond this run. */
export class ScriptRecords {
  private readonly section: StateSection<KeptScript>;
  private readonly before: ReadonlySet<string>;
  /** Those of before until it is known how they stand: this superd may be killed as well. */
  private readonly running: Set<string>;
  private left: readonly string[] = [];

  constructor(
    store: Store,
    private readonly boot: string,
  ) {
    this.section = store.section('scripts', readKept);
    const { boot: then, running, left } = this.section.value;
    this.before = new Set(then === boot ? [...running, ...left] : []);
    this.running = new Set(this.before);
  }

  /** All that may run still, since before this superd. */
  get earlier(): ReadonlySet<string> {
    return this.before;
  }

  /** Whether it may run still, since before this superd. */
  ran(id: string): boolean {
    return this.before.has(id);
  }

  cameUp(id: string): void {
    if (this.running.has(id)) return;
    this.running.add(id);
    this.save();
  }

  wentDown(id: string): void {
    if (this.running.delete(id)) this.save();
  }

  /** Of these, `still` go on without anybody who looks after them. */
  leave(ids: readonly string[], still: ReadonlySet<string>): void {
    for (const id of ids) this.running.delete(id);
    this.left = [...still];
    this.save();
  }

  /** All has been stopped. */
  end(): void {
    this.running.clear();
    this.save();
  }

  private save(): void {
    const { boot, running, left } = this;
    this.section.set({ boot, running: [...running], left: left.filter((id) => !running.has(id)) });
  }
}

/** Anything may stand in the file. */
function readKept(value: unknown): KeptScript {
  const { boot, running, left } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return { boot: typeof boot === 'string' ? boot : '', running: strings(running), left: strings(left) };
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
