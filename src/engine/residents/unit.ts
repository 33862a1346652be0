import type { DaemonPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import type { OverrideContext } from '../context.js';
import { describeMistake, type Unit, type UnitCounters, UnitError } from '../unit.js';
import { BootUnit, worstOf } from './boot-unit.js';
import type { DaemonCommands } from './commands.js';
import type { Resident } from './resident.js';
import type { StartOrder } from './start-order.js';

/** As in the configuration. */
const MOST_REPLICAS = 1000;

/** What a unit needs of the daemons. */
export interface ResidentControl extends OverrideContext {
  readonly commands: DaemonCommands;
  readonly order: StartOrder;
  outputOf(plan: DaemonPlan): string | null;
}

/** A resident daemon, as an operator sees it. It has no state of its own. */
export class ResidentUnit extends BootUnit implements Unit {
  constructor(
    private readonly resident: Resident,
    private readonly residents: ResidentControl,
  ) {
    super();
  }

  get id() {
    return this.resident.plan.id;
  }
  get name() {
    return this.resident.plan.name;
  }
  get origin() {
    return this.resident.plan.origin;
  }
  get stoppedByOperator() {
    return this.residents.overrides.stopped.has(this.id);
  }
  get output() {
    return this.residents.outputOf(this.resident.plan);
  }

  get state(): DaemonState {
    return worstOf(this.resident.instances.map(({ state }) => state));
  }

  get problem(): string {
    return this.ownProblem || describeMistake(this.resident.plan.mistake);
  }

  private get ownProblem(): string {
    const well: ReadonlySet<DaemonState> = new Set(['running', 'stopped', 'exited', 'stopping', 'restarting']);
    const found = this.resident.instances.find(({ state, detail }) => !well.has(state) && detail !== '');
    return found === undefined ? this.waitsFor : this.resident.instances.length === 1 ? found.detail : `${found.key}: ${found.detail}`;
  }

  get since(): number {
    const { instances, emptySince } = this.resident;
    return instances.length === 0 ? emptySince : Math.max(...instances.map(({ since }) => since));
  }

  get pids(): number[] {
    return this.resident.instances.map(({ pid }) => pid).filter((pid) => pid !== 0);
  }

  signal(signal: NodeJS.Signals): number[] {
    for (const { processes } of this.resident.instances) processes?.main?.signalGroup(signal);
    return this.pids;
  }

  get counters(): UnitCounters {
    const sum = (of: 'starts' | 'restarts' | 'failures') => this.resident.instances.reduce((total, one) => total + one[of], 0);
    return { started: sum('starts'), refused: 0, failed: sum('failures'), restarts: sum('restarts') };
  }

  /** @throws UnitError `not-ready` when it does not become ready. */
  async start(): Promise<void> {
    await this.residents.commands.start(this.id);
    this.checkUp();
  }

  async stop(): Promise<void> {
    await this.residents.commands.stop(this.id);
  }

  async restart(): Promise<void> {
    await this.residents.commands.restart(this.id);
    this.checkUp();
  }

  /** @throws UnitError `not-reloadable` without `reload_signal` and `reload_exec`. */
  async reload(): Promise<void> {
    await this.residents.commands.reload(this.id);
  }

  /** @throws UnitError `not-ready` when a replica does not become ready. */
  async scale(replicas: number): Promise<void> {
    await this.residents.commands.scale(this.id, Math.min(replicas, MOST_REPLICAS));
    if (!this.stoppedByOperator && replicas > 0) this.checkUp();
  }

  /** What a waiting daemon waits for. */
  private get waitsFor(): string {
    if (!this.resident.instances.some(({ state }) => state === 'waiting')) return '';
    return this.residents.order.describeWait(this.resident.plan);
  }

  private checkUp(): void {
    const { state, problem } = this;
    if (this.resident.instances.length === 0)
      throw new UnitError('not-ready', `${this.id}: it has no replicas; superctl scale ${this.id} 1 starts one`);
    if (this.resident.instances.every((one) => one.state === 'exited' || one.state === 'running')) return;
    const isStopped = state === 'stopped' || state === 'stopping';
    throw new UnitError('not-ready', `${this.id}: ${isStopped ? 'was stopped meanwhile' : problem === '' ? state : problem}`);
  }
}
