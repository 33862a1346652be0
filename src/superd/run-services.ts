import type { Block } from '../config/entries.js';
import type { Loaded } from '../config/load.js';
import type { Plan } from '../config/plan.js';
import { runBlock, runPlace } from '../config/run-block.js';
import type { RunLine } from '../control/controlled.js';
import { ConfigError } from '../errors.js';
import { memoryStore, type StateSection, type Store } from '../state/store.js';

type KeptRunServices = Readonly<Record<string, readonly RunLine[]>>;

/** What it takes to have another plan run. */
interface RunContext {
  /** The files, with these beside them. */
  load(beside: readonly Block[]): Promise<Loaded>;
  /** What runs now. */
  current(): Plan;
  goOver(plan: Plan): Promise<void>;
}

/** Services that stand in no file: an operator has said them, and they are kept from run to run until an operator takes them away. */
export class RunServices {
  private section: StateSection<KeptRunServices> = sectionOf(memoryStore());

  constructor(private readonly ground: RunContext) {}

  use(store: Store): void {
    this.section = sectionOf(store);
  }

  get blocks(): Block[] {
    return Object.entries(this.section.value).map(([id, lines]) => blockOf(id, lines));
  }

  get ids(): string[] {
    return Object.keys(this.section.value);
  }

  /**
   * Runs one more, as if it stood in a file; the files themselves are not gone over to.
   *
   * @param wanted Its name; null has one made of `usual`.
   * @returns its id.
   * @throws ConfigError with all that is wrong; nothing has changed then.
   */
  async add(wanted: string | null, usual: string, lines: readonly RunLine[]): Promise<string> {
    const taken = await this.names();
    const id = wanted ?? freeName(usual, taken);
    if (taken.has(id)) throw new ConfigError('usage', `there is a service ${id} already (${taken.get(id)}); take another name`);
    const block = blockOf(id, lines);
    const { plan, diagnostics } = await this.ground.load([...this.blocks, block]);
    const wrong = diagnostics.filter(({ path, severity }) => path === block.origin.path && severity !== 'note');
    const daemon = plan.daemons.find((one) => one.id === id);
    if (wrong.length > 0 || daemon === undefined) throw new ConfigError('config-rejected', wrong.map(({ message }) => message).join('\n'));
    const before = this.ground.current();
    await this.exchange({ ...this.section.value, [id]: lines }, { ...before, daemons: [...before.daemons, daemon] });
    return id;
  }

  /**
   * Ends them, and forgets them.
   *
   * @returns those of which nothing is left: of the others a file has taken the name.
   */
  async remove(ids: readonly string[]): Promise<string[]> {
    const before = this.ground.current();
    const { services, muxed, daemons, scripts } = before;
    const written = new Set(
      [...services, ...muxed, ...daemons, ...scripts].filter(({ id, origin }) => origin.path !== runPlace(id)).map(({ id }) => id),
    );
    const own = ids.filter((id) => !written.has(id));
    const rest = Object.entries(this.section.value).filter(([id]) => !ids.includes(id));
    await this.exchange(Object.fromEntries(rest), { ...before, daemons: daemons.filter(({ id }) => !own.includes(id)) });
    return own;
  }

  /** Kept before it is so: whatever is started is known to the next superd. */
  private async exchange(kept: KeptRunServices, plan: Plan): Promise<void> {
    const { value } = this.section;
    this.section.set(kept);
    try {
      await this.ground.goOver(plan);
    } catch (error) {
      this.section.set(value);
      throw error;
    }
  }

  /** Every id and name that is taken, disabled ones included, and where it stands. */
  private async names(): Promise<ReadonlyMap<string, string>> {
    const { report } = await this.ground.load(this.blocks);
    return new Map(
      report.services.flatMap(({ id, name, origins }) =>
        [id, name].map((one) => [one, Object.values(origins)[0] ?? 'in the configuration']),
      ),
    );
  }
}

/** @example freeName('node', new Map([['node', 'f:1']])) // 'node-2' */
function freeName(usual: string, taken: ReadonlyMap<string, string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? usual : `${usual}-${number}`;
    if (!taken.has(name)) return name;
  }
}

function blockOf(id: string, lines: readonly RunLine[]): Block {
  return runBlock(
    id,
    lines.map(([name, operator, value]) => ({ name, operator, value })),
  );
}

function sectionOf(store: Store): StateSection<KeptRunServices> {
  return store.section('run', (value) => {
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, RunLine[]] => isLines(entry[1])));
  });
}

const isLines = (value: unknown): boolean =>
  Array.isArray(value) && value.every((line) => Array.isArray(line) && line.length === 3 && line.every((part) => typeof part === 'string'));
