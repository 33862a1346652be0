import type { StateSection } from '../state/document.js';
import { memoryStore, type Store } from '../state/store.js';

type Switched = Readonly<Record<string, boolean>>;

/** What operators have switched on or off by a command, whatever the files say; kept from run to run. */
export class Switches {
  private section: StateSection<Switched> = sectionOf(memoryStore());

  use(store: Store): void {
    this.section = sectionOf(store);
  }

  /** By id. */
  get all(): ReadonlyMap<string, boolean> {
    return new Map(Object.entries(this.section.value));
  }

  /** @param writtenOff What the files themselves switch off: what they say needs no switch. */
  turn(ids: readonly string[], on: boolean, writtenOff: ReadonlySet<string>): void {
    const isWrittenSo = (id: string) => writtenOff.has(id) !== on;
    this.set(ids.filter(isWrittenSo), null);
    this.set(
      ids.filter((id) => !isWrittenSo(id)),
      on,
    );
  }

  /** Leaves them to the files again. */
  forget(ids: readonly string[]): void {
    this.set(ids, null);
  }

  private set(ids: readonly string[], how: boolean | null): void {
    const rest = Object.entries(this.section.value).filter(([id]) => !ids.includes(id));
    this.section.set(Object.fromEntries(how === null ? rest : [...rest, ...ids.map((id) => [id, how] as const)]));
  }
}

function sectionOf(store: Store): StateSection<Switched> {
  return store.section('switched', (value) => {
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, on]) => typeof on === 'boolean')) as Switched;
  });
}
