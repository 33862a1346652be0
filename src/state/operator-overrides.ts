import type { StateSection } from './document.js';
import { memoryStore, type Store } from './store.js';

/** One attribute of a service that `run` added. */
export type RunLine = readonly [name: string, operator: '=' | '+=' | '-=', value: string];

/**
 * Operator overrides: commands that take precedence over the configuration files. They survive a reload and a restart of superd. Each kind
 * is a section of the state document; `use` also reads the sections of earlier versions.
 */
export class OperatorOverrides {
  /** `stop`: neither a new configuration nor a new superd starts the service. */
  readonly stopped = new Override<true>('stopped', (value) => (value === true ? value : undefined));
  /** `scale`: the number of replicas of a resident daemon. */
  readonly replicas = new Override<number>('replicas', (value) => (isReplicas(value) ? value : undefined));
  /** `enable` and `disable`. */
  readonly enabled = new Override<boolean>('enabled', (value) => (typeof value === 'boolean' ? value : undefined));
  /** `run`: services that no file defines. */
  readonly run = new Override<readonly RunLine[]>('run', (value) => (isRunLines(value) ? value : undefined));

  /** Reads the overrides of earlier runs from a store, and keeps later ones there. */
  use(store: Store): void {
    for (const override of this.kinds) override.use(store);
    this.moveOlder(store);
  }

  /** Forgets everything about a service that no longer exists. */
  forget(id: string): void {
    for (const override of this.kinds) override.delete(id);
  }

  private get kinds() {
    return [this.stopped, this.replicas, this.enabled, this.run];
  }

  /** Earlier versions kept stops and replicas with daemons and init scripts, and called the section of `enable` and `disable` otherwise. */
  private moveOlder(store: Store): void {
    const daemons = store.section('daemons', objectOf);
    const { wishes, ...daemonsNow } = daemons.value;
    for (const [id, wish] of Object.entries(objectOf(wishes))) {
      const { stopped, replicas } = objectOf(wish);
      if (stopped === true) this.stopped.set(id, true);
      if (isReplicas(replicas)) this.replicas.set(id, replicas);
    }
    if (wishes !== undefined) daemons.set(daemonsNow);
    const scripts = store.section('scripts', objectOf);
    const { stopped, ...scriptsNow } = scripts.value;
    if (Array.isArray(stopped)) for (const id of stopped) if (typeof id === 'string') this.stopped.set(id, true);
    if (stopped !== undefined) scripts.set(scriptsNow);
    const switched = store.section('switched', (value) => value);
    for (const [id, on] of Object.entries(objectOf(switched.value))) if (typeof on === 'boolean') this.enabled.set(id, on);
    if (switched.value !== undefined) switched.set(undefined);
  }
}

/** One kind of override: values by service id. */
export class Override<T> {
  private section: StateSection<Readonly<Record<string, T>>>;
  private values: ReadonlyMap<string, T> = new Map();

  /** @param read Returns the value that the document holds, or undefined for anything else. */
  constructor(
    private readonly name: string,
    private readonly read: (value: unknown) => T | undefined,
  ) {
    this.section = memoryStore().section(name, () => ({}));
  }

  use(store: Store): void {
    this.section = store.section(this.name, (value) => this.readAll(value));
    this.values = new Map(Object.entries(this.section.value));
  }

  /** Each change makes a new map. */
  get all(): ReadonlyMap<string, T> {
    return this.values;
  }

  has(id: string): boolean {
    return this.values.has(id);
  }

  get(id: string): T | undefined {
    return this.values.get(id);
  }

  set(id: string, value: T): void {
    if (this.get(id) !== value) this.replace(new Map([...this.values, [id, value]]));
  }

  delete(id: string): void {
    if (this.has(id)) this.replace(new Map([...this.values].filter(([other]) => other !== id)));
  }

  replace(values: ReadonlyMap<string, T>): void {
    this.values = values;
    this.section.set(Object.fromEntries(values));
  }

  private readAll(value: unknown): Record<string, T> {
    // Earlier versions wrote the stopped services as a list.
    const entries = Array.isArray(value) ? value.map((id) => [String(id), true] as const) : Object.entries(objectOf(value));
    const known = entries.flatMap(([id, one]) => {
      const read = this.read(one);
      return read === undefined ? [] : [[id, read] as const];
    });
    return Object.fromEntries(known);
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isReplicas = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1000;

const isRunLines = (value: unknown): value is readonly RunLine[] =>
  Array.isArray(value) && value.every((line) => Array.isArray(line) && line.length === 3 && line.every((part) => typeof part === 'string'));
