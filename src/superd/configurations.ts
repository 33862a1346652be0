import type { Loaded } from '../config/load.js';
import type { Plan } from '../config/plan.js';
import type { Change } from '../engine/change.js';
import type { Engine } from '../engine/engine.js';
import { ConfigError } from '../errors.js';
import type { Notice } from '../report/event.js';
import type { Logs } from '../report/log/logs.js';
import type { Store } from '../state/store.js';
import { loadConfiguration, renderDiagnostic } from './configuration.js';
import { SecondLook } from './dns-retry.js';
import type { Manager } from './notify.js';
import { Switches } from './operator-overrides.js';
import type { Options } from './options.js';
import { Trials } from './provisional-applies.js';
import { RunServices } from './run-services.js';
import { settleSoon } from './trim-memory.js';

/** A plan, and what is to be known of how it was read. */
export interface RunningPlan extends Plan {
  /** Host names without an address. */
  readonly unresolved: readonly string[];
  /** When its reading began, milliseconds since the epoch. */
  readonly readAt: number;
}

/** What configurations are taken from, and whom they concern. */
export interface Household {
  readonly path: string;
  readonly options: Options;
  readonly engine: Engine;
  readonly logs: Logs;
  readonly manager: Manager;
  readonly now: () => number;
  readonly notice: (level: Notice['level'], message: string) => void;
  /** Another configuration runs now. */
  readonly taken: () => void;
  /** What it left has no service. */
  readonly nothingLeft: () => void;
}

const LEVEL = { error: 'error', warning: 'warning', note: 'info' } as const;

export const plansOf = ({ services, muxed }: Plan) => [...services, ...muxed];

/** The configuration that runs, and how superd goes over to another. */
export class Configurations {
  /** null until the first runs. */
  current: RunningPlan | null = null;
  readonly trials: Trials;
  readonly runServices: RunServices;
  private readonly switches = new Switches();
  private readonly secondLook = new SecondLook((names) => this.queueNames(names));
  /** The start and each reload, one after the other; settles when the last of them is done. */
  private turn: Promise<unknown> = Promise.resolve();
  private reloadWaits = false;
  private closed = false;

  constructor(private readonly household: Household) {
    this.trials = new Trials(household, this);
    this.runServices = new RunServices({
      load: (beside) => loadConfiguration(household.path, household.options, this.switches.all, beside),
      current: () => this.current as RunningPlan,
      goOver: (plan) => this.exchange(plan),
    });
  }

  /** Takes over from a store what operators have said beside the files. */
  use(store: Store): void {
    this.switches.use(store);
    this.runServices.use(store);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** No other is taken any more. */
  close(): void {
    this.closed = true;
  }

  async load(): Promise<RunningPlan & { readonly wrong: number }> {
    const readAt = Date.now();
    const { plan, diagnostics, unresolved } = await this.read();
    for (const diagnostic of diagnostics) this.household.notice(LEVEL[diagnostic.severity], renderDiagnostic(diagnostic));
    const wrong = diagnostics.filter(({ severity }) => severity === 'error').length;
    return { ...plan, unresolved, readAt, wrong };
  }

  /** What the files say, and what operators have said beside them. */
  read(): Promise<Loaded> {
    const { path, options } = this.household;
    return loadConfiguration(path, options, this.switches.all, this.runServices.blocks);
  }

  /** What operators have switched on or off, by id. */
  get switched(): ReadonlyMap<string, boolean> {
    return this.switches.all;
  }

  /** From the next time it is read services are on or off, whatever the files say. */
  async switch(ids: readonly string[], how: 'on' | 'off'): Promise<void> {
    const { path, options } = this.household;
    const { report } = await loadConfiguration(path, options, new Map(), this.runServices.blocks);
    const off = report.services.filter(({ status }) => status === 'disabled').map(({ id }) => id);
    this.switches.turn(ids, how === 'on', new Set(off));
  }

  /** Ends services that stand in no file, and forgets them. */
  async delete(ids: readonly string[]): Promise<void> {
    const gone = await this.runServices.remove(ids);
    this.switches.forget(gone);
    this.household.engine.forgetWishes(gone);
  }

  runs(plan: RunningPlan): void {
    this.current = plan;
    this.household.taken();
    this.secondLook.follow(plan);
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }

  /** What is tried may not stay, and would take with it what is said meanwhile. */
  untried<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      this.checkOpen();
      if (this.trials.trial !== null)
        throw new ConfigError('config-rejected', 'a configuration is being tried: superctl confirm first, or wait');
      return work();
    });
  }

  private checkOpen(): void {
    if (this.closed) throw new ConfigError('config-rejected', 'superd is ending');
  }

  /** However many ask meanwhile, one more after the present one sees everything they wanted seen. What fails is told. */
  queueReload(): void {
    if (this.reloadWaits) return;
    this.reloadWaits = true;
    void this.inTurn(async () => {
      this.reloadWaits = false;
      if (!this.closed) await this.reload();
    }).catch(() => {});
  }

  /** Reads the configuration again, and goes over to it. @throws as `goOver`. */
  reload(): Promise<Change> {
    return this.goOver((plan) => this.household.engine.reload(plan));
  }

  /**
   * Reads the configuration again, and goes over to it only if all of it can be had.
   *
   * @throws what is in the way, which has been told; nothing has changed then.
   */
  async goOver(change: (plan: Plan) => Promise<Change>): Promise<Change> {
    const { path, logs, manager, notice } = this.household;
    await this.trials.supersede();
    manager.reloading();
    notice('notice', 'Starting reconfiguration');
    logs.reopen();
    try {
      const plan = await this.load();
      this.checkOpen();
      if (plan.wrong > 0) throw new ConfigError('config-rejected', `${path} has errors`);
      this.keepLogsOf(plan);
      const changed = await change(plan);
      const { added, kept, dropped } = changed;
      notice('notice', `Reconfigured: new=${added} old=${kept} dropped=${dropped} (services)`);
      this.runs(plan);
      return changed;
    } catch (error) {
      if (!this.closed) this.tellOfFailure(error);
      throw error;
    } finally {
      this.settle();
    }
  }

  /** Has the logs of another plan open beside those of what runs. */
  keepLogsOf(plan: Plan): void {
    this.household.logs.configure([...this.runningPlans, ...plansOf(plan)]);
  }

  /** Once a change is over, whatever became of it. */
  settle(): void {
    const { logs, manager, engine, options, nothingLeft } = this.household;
    const { before } = this.trials;
    logs.configure([...this.runningPlans, ...(before === null ? [] : plansOf(before))]);
    if (this.closed) return;
    manager.ready(describeSize(engine));
    settleSoon();
    if (engine.size === 0 && !options.stayAlive) nothingLeft();
  }

  /** Of everything that has a log of its own. */
  private get runningPlans() {
    const { services, muxed } = this.household.engine;
    return [...services, ...muxed].map(({ plan }) => plan);
  }

  /** From what runs to much the same. */
  private async exchange(plan: Plan): Promise<void> {
    const { unresolved, readAt } = this.current as RunningPlan;
    await this.household.engine.reload(plan);
    this.runs({ ...plan, unresolved, readAt });
  }

  private queueNames(names: readonly string[]): void {
    void this.inTurn(async () => {
      if (!this.closed && this.trials.before === null) await this.takeNames(names);
      else this.secondLook.schedule();
    });
  }

  /** The same configuration with addresses that were not known before; whatever is in the way, the next try may do better. */
  private async takeNames(names: readonly string[]): Promise<void> {
    const readAt = Date.now();
    try {
      const { plan, diagnostics, unresolved } = await this.read();
      const wrong = diagnostics.some(({ severity }) => severity === 'error');
      if (this.closed || wrong || !this.secondLook.isUntouched(plan.files)) return;
      await this.household.engine.reload(plan);
      this.household.notice('notice', `names that have an address now: ${names.join(' ')}`);
      this.runs({ ...plan, unresolved, readAt });
    } catch (error) {
      this.tellOfFailure(error);
    } finally {
      this.secondLook.schedule();
    }
  }

  private tellOfFailure(error: unknown): void {
    this.household.notice('error', `reconfiguration failed, nothing has changed: ${(error as Error).message}`);
  }
}

/** For people. */
export function describeSize({ size }: Engine): string {
  return `${size} available service${size === 1 ? '' : 's'}`;
}
