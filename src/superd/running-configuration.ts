import type { Loaded } from '../config/load.js';
import type { Plan } from '../config/plan.js';
import type { Engine } from '../engine/engine.js';
import type { PlanChange } from '../engine/plan-updates.js';
import { ConfigError } from '../errors.js';
import { inBackground } from '../guarded.js';
import { type DaemonContext, type RunningPlan, servicePlans } from './daemon-context.js';
import { DnsRetry } from './dns-retry.js';
import { loadConfiguration, renderDiagnostic } from './load-configuration.js';
import { ProvisionalApplies } from './provisional-applies.js';
import { RunServices } from './run-services.js';
import { trimMemorySoon } from './trim-memory.js';

const LEVEL = { error: 'error', warning: 'warning', note: 'info' } as const;

/** The running configuration, and the only way to replace it: changes run one after the other. */
export class RunningConfiguration {
  /** null until the first plan runs. */
  current: RunningPlan | null = null;
  readonly provisionalApplies: ProvisionalApplies;
  readonly runServices: RunServices;
  private readonly dnsRetry = new DnsRetry((names) => this.queueResolvedNames(names));
  /** Settles when the last queued change is done. */
  private lastChange: Promise<unknown> = Promise.resolve();
  private isReloadQueued = false;
  private closed = false;

  constructor(private readonly context: DaemonContext) {
    this.provisionalApplies = new ProvisionalApplies(context, this);
    this.runServices = new RunServices(context.overrides.run, {
      load: (runBlocks) => loadConfiguration(context.path, context.options, context.overrides.enabled.all, runBlocks),
      current: () => this.current as RunningPlan,
      updatePlan: (plan) => this.updatePlan(plan),
    });
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** From now on superd rejects every change. */
  close(): void {
    this.closed = true;
  }

  /** Reads the configuration and logs what is wrong with it. */
  async load(): Promise<RunningPlan & { readonly errors: number }> {
    const readAt = Date.now();
    const { plan, diagnostics, unresolved } = await this.read();
    for (const diagnostic of diagnostics) this.context.notice(LEVEL[diagnostic.severity], renderDiagnostic(diagnostic));
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    return { ...plan, unresolved, readAt, errors };
  }

  /** The configuration in the files with the operator's overrides applied. */
  read(): Promise<Loaded> {
    const { path, options, overrides } = this.context;
    return loadConfiguration(path, options, overrides.enabled.all, this.runServices.blocks);
  }

  /** Enables or disables services from the next reading of the configuration on. An override that the files agree with is forgotten. */
  async setEnabled(ids: readonly string[], how: 'on' | 'off'): Promise<void> {
    const { path, options, overrides } = this.context;
    const { report } = await loadConfiguration(path, options, new Map(), this.runServices.blocks);
    const disabledInFiles = new Set(report.services.filter(({ status }) => status === 'disabled').map(({ id }) => id));
    for (const id of ids)
      if (disabledInFiles.has(id) === (how === 'off')) overrides.enabled.delete(id);
      else overrides.enabled.set(id, how === 'on');
  }

  /** Ends services that `run` added, and forgets them. */
  async delete(ids: readonly string[]): Promise<void> {
    for (const id of await this.runServices.remove(ids)) this.context.overrides.forget(id);
  }

  setCurrent(plan: RunningPlan): void {
    this.current = plan;
    this.context.onApplied();
    this.dnsRetry.follow(plan);
  }

  /** Runs a change after those that are already queued. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.lastChange.then(change);
    this.lastChange = done.catch(() => {});
    return done;
  }

  /** As `inTurn`, but rejects the change while a provisional configuration runs: a roll-back would undo it. */
  unlessProvisional<T>(change: () => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      this.checkOpen();
      if (this.provisionalApplies.pending !== null)
        throw new ConfigError('config-rejected', 'a provisional configuration is running: superctl confirm first, or wait');
      return change();
    });
  }

  private checkOpen(): void {
    if (this.closed) throw new ConfigError('config-rejected', 'superd is ending');
  }

  /** One queued reload serves all requests that arrive before it begins. `applyPlan` logs failures. */
  queueReload(): void {
    if (this.isReloadQueued) return;
    this.isReloadQueued = true;
    this.inTurn(async () => {
      this.isReloadQueued = false;
      if (!this.closed) await this.reload();
    }).catch(() => {});
  }

  /** Reads the configuration again and applies it. @throws as `applyPlan`. */
  reload(): Promise<PlanChange> {
    return this.applyPlan((plan) => this.context.engine.reload(plan));
  }

  /**
   * Reads the configuration again and applies it as a whole or not at all.
   *
   * @throws ConfigError, SystemError; the error is already logged, and nothing has changed.
   */
  async applyPlan(apply: (plan: Plan) => Promise<PlanChange>): Promise<PlanChange> {
    const { path, logs, manager, notice } = this.context;
    await this.provisionalApplies.supersede();
    manager.reloading();
    notice('notice', 'Starting reconfiguration');
    logs.reopen();
    try {
      const plan = await this.load();
      this.checkOpen();
      if (plan.errors > 0) throw new ConfigError('config-rejected', `${path} has errors`);
      this.openLogsOf(plan);
      const change = await apply(plan);
      const { added, kept, dropped } = change;
      notice('notice', `Reconfigured: new=${added} old=${kept} dropped=${dropped} (services)`);
      this.setCurrent(plan);
      return change;
    } catch (error) {
      if (!this.closed) this.reportFailure(error);
      throw error;
    } finally {
      this.finishChange();
    }
  }

  /** Opens the logs of another plan beside those of the running one. */
  openLogsOf(plan: Plan): void {
    this.context.logs.configure([...this.runningPlans, ...servicePlans(plan)]);
  }

  /** Runs at the end of every change, failed ones included. */
  finishChange(): void {
    const { logs, manager, engine, options, onNoServices } = this.context;
    const { previousPlan } = this.provisionalApplies;
    logs.configure([...this.runningPlans, ...(previousPlan === null ? [] : servicePlans(previousPlan))]);
    if (this.closed) return;
    manager.ready(describeSize(engine));
    trimMemorySoon();
    if (engine.size === 0 && !options.stayAlive) onNoServices();
  }

  private get runningPlans() {
    const { services, tcpmuxServices } = this.context.engine;
    return [...services, ...tcpmuxServices].map(({ plan }) => plan);
  }

  /** Replaces the running plan by a variant of it, without reading the files. */
  private async updatePlan(plan: Plan): Promise<void> {
    const { unresolved, readAt } = this.current as RunningPlan;
    await this.context.engine.reload(plan);
    this.setCurrent({ ...plan, unresolved, readAt });
  }

  private queueResolvedNames(names: readonly string[]): void {
    const change = this.inTurn(async () => {
      if (!this.closed && this.provisionalApplies.previousPlan === null) await this.applyResolvedNames(names);
      else this.dnsRetry.schedule();
    });
    inBackground(change);
  }

  /** Applies the same configuration with the addresses that DNS has now. On a failure the next retry may do better. */
  private async applyResolvedNames(names: readonly string[]): Promise<void> {
    const readAt = Date.now();
    try {
      const { plan, diagnostics, unresolved } = await this.read();
      const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
      if (this.closed || hasErrors || !this.dnsRetry.isUntouched(plan.files)) return;
      await this.context.engine.reload(plan);
      this.context.notice('notice', `names that have an address now: ${names.join(' ')}`);
      this.setCurrent({ ...plan, unresolved, readAt });
    } catch (error) {
      this.reportFailure(error);
    } finally {
      this.dnsRetry.schedule();
    }
  }

  private reportFailure(error: unknown): void {
    this.context.notice('error', `reconfiguration failed, nothing has changed: ${(error as Error).message}`);
  }
}

/** @example describeSize({ size: 1 }) // '1 available service' */
export function describeSize({ size }: Pick<Engine, 'size'>): string {
  return `${size} available service${size === 1 ? '' : 's'}`;
}
