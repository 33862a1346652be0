import type { Diagnostic } from '../config/diagnostic.js';
import type { Loaded } from '../config/load.js';
import { newMistakes } from '../config/mistakes.js';
import type { Plan } from '../config/plan.js';
import type { Engine } from '../engine/engine.js';
import type { PlanChange } from '../engine/plan-updates.js';
import { ConfigError } from '../errors.js';
import { inBackground } from '../guarded.js';
import { type DaemonContext, type RunningPlan, servicePlans } from './daemon-context.js';
import { DnsRetry } from './dns-retry.js';
import { loadConfiguration, lookUpOnHost, renderDiagnostic } from './load-configuration.js';
import { NewMistakes } from './new-mistakes.js';
import { awaitsNameService, mistakesIn, planToRun } from './plan-to-run.js';
import { ProvisionalApplies } from './provisional-applies.js';
import { RejectionRetry } from './rejection-retry.js';
import { RunServices } from './run-services.js';
import { trimMemorySoon } from './trim-memory.js';
import { areUntouched } from './untouched.js';

const LEVEL = { error: 'error', warning: 'warning', note: 'info' } as const;

/** A new mistake: with `tolerate` it affects only its own service, with `refuse` nothing changes. */
export type NewMistakesPolicy = 'tolerate' | 'refuse';

/** A log message names at most so many services. */
const MOST_NAMES = 20;

/** The running configuration, and the only way to replace it: changes run one after the other. */
export class RunningConfiguration {
  /** null until the first plan runs. */
  current: RunningPlan | null = null;
  readonly provisionalApplies: ProvisionalApplies;
  readonly runServices: RunServices;
  private readonly dnsRetry = new DnsRetry((names) => this.queueRetry(`names that have an address now: ${names.join(' ')}`));
  private readonly rejectionRetry = new RejectionRetry(lookUpOnHost, () => this.queueRetry('superd looks at rejected services again'));
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

  /**
   * Reads the configuration and logs what is wrong with it.
   *
   * @throws ConfigError `config-unreadable`, `config-rejected`.
   */
  async load(policy: NewMistakesPolicy = 'tolerate'): Promise<RunningPlan> {
    const readAt = Date.now();
    const loaded = await this.read();
    for (const diagnostic of loaded.diagnostics) this.context.notice(LEVEL[diagnostic.severity], renderDiagnostic(diagnostic));
    const added = policy === 'refuse' ? this.newMistakesIn(loaded) : [];
    if (added.length > 0) throw new NewMistakes(added);
    return planToRun(loaded, readAt, this.current);
  }

  /** The mistakes that the running configuration does not have. */
  newMistakesIn(loaded: Loaded): Diagnostic[] {
    return newMistakes(mistakesIn(loaded), this.current?.mistakes ?? []);
  }

  /** The plan that `apply` would apply. */
  planOf(loaded: Loaded): Plan {
    return planToRun(loaded, Date.now(), this.current);
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
    this.dnsRetry.follow(plan.unresolved);
    this.rejectionRetry.follow(plan.awaited);
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
  reload(policy: NewMistakesPolicy = 'tolerate'): Promise<PlanChange> {
    return this.applyPlan((plan) => this.context.engine.reload(plan), policy);
  }

  /**
   * Reads the configuration again and applies it. When a socket cannot be opened, nothing changes.
   *
   * @throws ConfigError, SystemError; the error is already logged, and nothing has changed.
   */
  async applyPlan(apply: (plan: Plan) => Promise<PlanChange>, policy: NewMistakesPolicy): Promise<PlanChange> {
    const { logs, manager, notice } = this.context;
    await this.provisionalApplies.supersede();
    manager.reloading();
    notice('notice', 'Starting reconfiguration');
    logs.reopen();
    try {
      const plan = await this.load(policy);
      this.checkOpen();
      this.openLogsOf(plan);
      const change = await apply(plan);
      const { added, kept, dropped } = change;
      this.reportWrong(plan);
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
    const waits = this.current !== null && awaitsNameService(this.current);
    if (engine.size === 0 && !options.stayAlive && !waits) onNoServices();
  }

  private get runningPlans() {
    const { services, tcpmuxServices, sessions } = this.context.engine;
    const plans = [...services, ...tcpmuxServices].map(({ plan }) => plan);
    const known = new Set(plans.map(({ id }) => id));
    // A session keeps the name that its service had when it began.
    for (const { subject, service } of sessions) {
      if (known.has(subject.id)) continue;
      known.add(subject.id);
      plans.push({ ...service.plan, ...subject });
    }
    return plans;
  }

  /** Replaces the running plan by a variant of it, without reading the files. */
  private async updatePlan(plan: Plan): Promise<void> {
    const running = this.current as RunningPlan;
    await this.context.engine.reload(plan);
    this.setCurrent({ ...running, ...plan });
  }

  /** Reads the configuration again because the machine has changed, not the files. */
  private queueRetry(why: string): void {
    const change = this.inTurn(async () => {
      if (!this.closed && this.provisionalApplies.previousPlan === null) await this.retry(why);
      else this.scheduleRetries();
    });
    inBackground(change);
  }

  /** After a failure superd tries again at the next occasion. */
  private async retry(why: string): Promise<void> {
    const readAt = Date.now();
    try {
      const loaded = await this.read();
      if (this.closed) return;
      if (!areUntouched(this.current as RunningPlan, loaded.plan.files)) {
        // An operator is editing the files: the next SIGHUP reads them.
        this.rejectionRetry.follow([]);
        return;
      }
      const plan = planToRun(loaded, readAt, this.current);
      this.openLogsOf(plan);
      await this.context.engine.reload(plan, 'each');
      this.context.notice('notice', why);
      this.setCurrent(plan);
    } catch (error) {
      this.reportFailure(error);
    } finally {
      this.finishChange();
      this.scheduleRetries();
    }
  }

  private scheduleRetries(): void {
    this.dnsRetry.schedule();
    this.rejectionRetry.schedule();
  }

  /** The log already has the reasons. */
  private reportWrong({ services, muxed, daemons, rejected }: Plan): void {
    const wrong = [...services, ...muxed, ...daemons].filter(({ mistake }) => mistake !== undefined);
    if (wrong.length > 0) this.context.notice('warning', `services that run with their last good settings: ${namesOf(wrong)}`);
    if (rejected.length > 0) this.context.notice('warning', `rejected services: ${namesOf(rejected)}`);
  }

  private reportFailure(error: unknown): void {
    const message = error instanceof NewMistakes ? error.summary : (error as Error).message;
    this.context.notice('error', `reconfiguration failed, nothing has changed: ${message}`);
  }
}

function namesOf(services: readonly { readonly id: string }[]): string {
  const names = [...new Set(services.map(({ id }) => id))];
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** @example describeSize({ size: 1 }) // '1 available service' */
export function describeSize({ size }: Pick<Engine, 'size'>): string {
  return `${size} available service${size === 1 ? '' : 's'}`;
}
