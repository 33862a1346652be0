import type { StateSection } from '../../state/document.js';
import { memoryStore, type Store } from '../../state/store.js';

/** Ids of what operators have stopped by a command: neither a new configuration nor a new run of superd starts it. */
export class Held {
  private section: StateSection<readonly string[]> = sectionOf(memoryStore());
  private ids = new Set<string>();

  /** Remembers from now on in a store, and what stands there. */
  use(store: Store): void {
    this.section = sectionOf(store);
    this.ids = new Set(this.section.value);
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    this.section.set([...this.ids]);
  }

  delete(id: string): void {
    if (this.ids.delete(id)) this.section.set([...this.ids]);
  }
}

function sectionOf(store: Store): StateSection<readonly string[]> {
  return store.section('stopped', (value) => {
    if (!Array.isArray(value)) return [];
    return value.filter((id) => typeof id === 'string');
  });
}
