import type { StateSection } from '../../state/document.js';
import type { Store } from '../../state/store.js';

interface SavedScripts {
  readonly boot: string;
  /** Ids of scripts whose daemons run, or ran when superd was killed. */
  readonly running: readonly string[];
  /** Ids of scripts that the plan no longer has and whose daemons still ran. */
  readonly left: readonly string[];
}

/** What superd records of init scripts for the next superd. */
export class ScriptRecords {
  private readonly section: StateSection<SavedScripts>;
  private readonly before: ReadonlySet<string>;
  /** Includes those of an earlier superd until their state is known, since this superd may be killed as well. */
  private readonly running: Set<string>;
  private left: readonly string[] = [];

  constructor(
    store: Store,
    private readonly boot: string,
  ) {
    this.section = store.section('scripts', readSaved);
    const { boot: then, running, left } = this.section.value;
    this.before = new Set(then === boot ? [...running, ...left] : []);
    this.running = new Set(this.before);
  }

  /** Ids of scripts whose daemons an earlier superd may have left running. */
  get earlier(): ReadonlySet<string> {
    return this.before;
  }

  /** Whether an earlier superd may have left its daemon running. */
  mayRun(id: string): boolean {
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

  /** The plan no longer has these scripts; the daemons of those in `still` run on. */
  leave(ids: readonly string[], still: ReadonlySet<string>): void {
    for (const id of ids) this.running.delete(id);
    this.left = [...still];
    this.save();
  }

  /** All scripts are stopped. */
  end(): void {
    this.running.clear();
    this.save();
  }

  private save(): void {
    const { boot, running, left } = this;
    this.section.set({ boot, running: [...running], left: left.filter((id) => !running.has(id)) });
  }
}

/** Ignores parts that are malformed: the file may hold anything. */
function readSaved(value: unknown): SavedScripts {
  const { boot, running, left } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return { boot: typeof boot === 'string' ? boot : '', running: strings(running), left: strings(left) };
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
