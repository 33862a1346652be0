import type { Block } from '../config/entries.js';
import type { Loaded } from '../config/load.js';
import type { Plan } from '../config/plan.js';
import { runBlock, runPlace } from '../config/run-block.js';
import { ConfigError } from '../errors.js';
import type { Override, RunLine } from '../state/operator-overrides.js';

/** How run services read and change the configuration. */
interface RunContext {
  /** Reads the files, and these blocks beside them. */
  load(runBlocks: readonly Block[]): Promise<Loaded>;
  current(): Plan;
  /** Replaces the running plan without reading the files. */
  updatePlan(plan: Plan): Promise<void>;
}

/** Services that operators added with `run`. superd keeps them from run to run until an operator deletes them. */
export class RunServices {
  constructor(
    private readonly kept: Override<readonly RunLine[]>,
    private readonly context: RunContext,
  ) {}

  get blocks(): Block[] {
    return [...this.kept.all].map(([id, lines]) => blockOf(id, lines));
  }

  /**
   * Adds a service as if it were in a file. Other changes in the files take no effect.
   *
   * @param wanted Its name; null derives one from `usual`.
   * @returns Its id.
   * @throws ConfigError with everything that is wrong; nothing has changed then.
   */
  async add(wanted: string | null, usual: string, lines: readonly RunLine[]): Promise<string> {
    const taken = await this.takenNames();
    const id = wanted ?? freeName(usual, taken);
    if (taken.has(id)) throw new ConfigError('usage', `there is a service ${id} already (${taken.get(id)}); take another name`);
    const block = blockOf(id, lines);
    const { plan, diagnostics } = await this.context.load([...this.blocks, block]);
    const wrong = diagnostics.filter(({ path, severity }) => path === block.origin.path && severity !== 'note');
    const daemon = plan.daemons.find((one) => one.id === id);
    if (wrong.length > 0 || daemon === undefined) throw new ConfigError('config-rejected', wrong.map(({ message }) => message).join('\n'));
    const before = this.context.current();
    await this.keepAndUpdatePlan(new Map([...this.kept.all, [id, lines]]), { ...before, daemons: [...before.daemons, daemon] });
    return id;
  }

  /**
   * Ends services and forgets them.
   *
   * @returns The ids that are free now; a file may define a service with the id of one that `run` added.
   */
  async remove(ids: readonly string[]): Promise<string[]> {
    const before = this.context.current();
    const { services, muxed, daemons, scripts, rejected } = before;
    const written = new Set(
      [...services, ...muxed, ...daemons, ...scripts].filter(({ id, origin }) => origin.path !== runPlace(id)).map(({ id }) => id),
    );
    const own = ids.filter((id) => !written.has(id));
    const rest = [...this.kept.all].filter(([id]) => !ids.includes(id));
    await this.keepAndUpdatePlan(new Map(rest), {
      ...before,
      daemons: daemons.filter(({ id }) => !own.includes(id)),
      rejected: rejected.filter(({ id, origin }) => !own.includes(id) || origin.path !== runPlace(id)),
    });
    return own;
  }

  /** Saves first: the next superd must know every process that this one starts. */
  private async keepAndUpdatePlan(kept: ReadonlyMap<string, readonly RunLine[]>, plan: Plan): Promise<void> {
    const before = this.kept.all;
    this.kept.replace(kept);
    try {
      await this.context.updatePlan(plan);
    } catch (error) {
      this.kept.replace(before);
      throw error;
    }
  }

  /** All ids and names in use, those of disabled services included, and the place that defines each. */
  private async takenNames(): Promise<ReadonlyMap<string, string>> {
    const { report } = await this.context.load(this.blocks);
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
