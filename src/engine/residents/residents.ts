import type { DaemonPlan } from '../../config/plan.js';
import { inBackground, runNext } from '../../guarded.js';
import type { DaemonState } from '../../report/states.js';
import type { Store } from '../../state/store.js';
import type { SuperviseContext } from '../../supervise/context.js';
import { ControlGroups } from '../../supervise/control-groups.js';
import { Instance, type InstanceOwner } from '../../supervise/instance.js';
import { NotifyDirectory, notifyPlaces } from '../../supervise/notify-directory.js';
import type { OutputContext, OverrideContext, SpawnContext } from '../context.js';
import type { Unit } from '../unit.js';
import { adopt } from './adopt.js';
import { type CommandTarget, DaemonCommands } from './commands.js';
import { Conditions } from './conditions.js';
import { CountedReaper } from './counted-reaper.js';
import { Orphans } from './orphans.js';
import type { OutputEnd } from './output.js';
import { Outputs } from './outputs.js';
import { processKey } from './preview.js';
import { Records } from './records.js';
import { isEnded, isGivenUp, isSettled, type Resident } from './resident.js';
import { StartOrder } from './start-order.js';
import { stateKey } from './state-key.js';
import type { StopNode } from './stop-order.js';
import { type ResidentControl, ResidentUnit } from './unit.js';
import { WaitingInstances } from './waiting-instances.js';
import { watchOn } from './watch.js';

export interface ResidentContext extends OverrideContext, OutputContext, SpawnContext {
  /** The sessions of all services. */
  readonly sessions: ReadonlySet<{ readonly pid: number }>;
  readonly essentialEnded: EssentialEnded;
}

/** Called when an essential daemon has ended for good. @param status As a shell has it in `$?`. */
export type EssentialEnded = (id: string, status: number) => void;

/** All resident daemons of the present plan. */
export class Residents implements CommandTarget, InstanceOwner, ResidentControl {
  readonly residents = new Map<string, Resident>();
  readonly order = new StartOrder(this.residents);
  private readonly conditions = new Conditions();
  readonly commands = new DaemonCommands(this);
  /** Instances that the plan no longer has, until they have ended. */
  private readonly retiring = new Set<Instance>();
  private readonly waits = new WaitingInstances(this.order, (instance, message) => this.supervise.notice(instance.key, 'warning', message));
  private readonly orphans = new Orphans();
  readonly supervise: SuperviseContext;
  private readonly reaper: CountedReaper;
  readonly outputs: Outputs;
  readonly records: Records;
  readonly overrides: OverrideContext['overrides'];

  constructor(
    private readonly context: ResidentContext,
    store: Store,
  ) {
    const { inheritance, now, onError } = context;
    this.reaper = new CountedReaper(context.reaper);
    this.outputs = new Outputs(context, store);
    this.records = new Records(store);
    this.overrides = context.overrides;
    const key = stateKey(store);
    this.supervise = {
      reaper: this.reaper,
      inheritance,
      key,
      now,
      onError,
      watch: watchOn(context),
      notify: new NotifyDirectory(notifyPlaces(key, store.directory, inheritance.uid, inheritance.environment)),
      groups: inheritance.uid === 0 ? ControlGroups.find(key) : null,
      outputs: (instance) => this.outputs.descriptors(instance),
      claim: (pid) => this.orphans.claim(pid),
      release: (pid) => this.orphans.release(pid),
      exitOf: (pid) => this.orphans.exitOf(pid),
      children: () => this.orphans.list(),
      isKnown: (pid) => this.orphans.isClaimed(pid) || this.isInUse(pid),
      notice: (instance, level, message) => context.notice(level, `${instance}: ${message}`),
    };
  }

  get plans(): DaemonPlan[] {
    return [...this.residents.values()].map(({ plan }) => plan);
  }

  units(): Unit[] {
    return [...this.residents.values()].map((resident) => new ResidentUnit(resident, this));
  }

  outputOf(plan: DaemonPlan): string | null {
    return this.outputs.pathOf(plan);
  }

  get size(): number {
    return this.residents.size;
  }

  /** Processes that the reaper waits for on behalf of daemons. */
  get processes(): number {
    return this.reaper.count;
  }

  /** Adopts the daemons that an earlier superd has started, and starts the others in their order. */
  start(plans: readonly DaemonPlan[]): void {
    for (const plan of plans) this.add(plan);
    this.adoptRunning();
    this.records.begin();
    for (const resident of this.residents.values()) if (!this.overrides.stopped.has(resident.plan.id)) this.startAll(resident);
  }

  /** Settles when nothing is left to wait for: the service with this id runs, has ended or cannot start, or there is none. */
  settled(id: string): Promise<void> {
    return this.conditions.until(() => this.order.isSettled(id));
  }

  /** Applies a new plan, and restarts only what has changed. Settles when the daemons that it drops have ended. */
  async applyPlans(plans: readonly DaemonPlan[]): Promise<{ added: number; kept: number; dropped: number }> {
    this.outputs.reopen();
    const wanted = new Set(plans.map(({ id }) => id));
    const dropped = [...this.residents.values()].filter(({ plan }) => !wanted.has(plan.id));
    for (const { plan } of dropped) this.residents.delete(plan.id);
    const ended = dropped.map(({ instances }) => this.retire(instances));
    let added = 0;
    for (const plan of plans) {
      const resident = this.residents.get(plan.id);
      if (resident !== undefined) this.updatePlan(resident, plan);
      else {
        added++;
        const fresh = this.add(plan);
        if (!this.overrides.stopped.has(plan.id)) this.startAll(fresh);
      }
    }
    await Promise.all(ended);
    return { added, kept: plans.length - added, dropped: dropped.length };
  }

  /**
   * Ends daemons that a new plan starts on request instead, since they may hold the ports of those services.
   *
   * @returns A function that starts them again, for a plan that superd cannot apply.
   */
  async releasePorts(ids: ReadonlySet<string>): Promise<() => void> {
    const holders = [...this.residents.values()].filter(({ plan }) => ids.has(plan.id));
    const running = holders.filter(({ instances }) => instances.some(({ state }) => !isEnded(state)));
    await Promise.all(running.map(({ instances }) => this.end(instances)));
    return () => {
      for (const resident of running) this.startAll(resident);
    };
  }

  /** Starts no more daemons. @returns what ends each of them, before `stop`. */
  stopNodes(): StopNode[] {
    this.waits.close();
    return [...this.residents.values()].map(({ plan, instances }) => ({
      id: plan.id,
      after: [...plan.needs, ...plan.wants, ...plan.after],
      end: () => this.end(instances),
    }));
  }

  /** All daemons of the plan have ended. */
  async stop(): Promise<void> {
    await this.end([...this.retiring]);
    this.close('final');
  }

  /** Leaves all daemons running: the next superd adopts them. */
  abandon(): void {
    this.waits.close();
    for (const { instances } of this.residents.values()) for (const instance of instances) instance.abandon();
    this.close('adoptable');
  }

  /** Reaps inherited processes. */
  reap(): void {
    this.orphans.reap();
  }

  /** Whether it is the server of a session, or the main process of a daemon. */
  private isInUse(pid: number): boolean {
    for (const session of this.context.sessions) if (session.pid === pid) return true;
    for (const { instances } of this.residents.values()) if (instances.some((one) => one.pid === pid)) return true;
    return false;
  }

  private add(plan: DaemonPlan): Resident {
    const resident: Resident = { plan, instances: [], emptySince: this.context.now() };
    this.residents.set(plan.id, resident);
    inBackground(this.adjustReplicas(resident));
    return resident;
  }

  startAll({ instances }: Resident): void {
    for (const instance of instances) instance.raise('start');
  }

  private updatePlan(resident: Resident, plan: DaemonPlan): void {
    const restarts = processKey(plan) !== processKey(resident.plan);
    resident.plan = plan;
    for (const instance of resident.instances) {
      instance.updatePlan(plan);
      if (restarts && !isEnded(instance.state)) instance.raise('restart');
      else if (!restarts && instance.alive) this.outputs.resume(instance);
    }
    const before = resident.instances.length;
    inBackground(this.adjustReplicas(resident));
    if (!this.overrides.stopped.has(plan.id)) for (const instance of resident.instances.slice(before)) instance.raise('start');
  }

  /** Creates or retires instances. Settles when the superfluous ones have ended. */
  adjustReplicas(resident: Resident): Promise<void> {
    const { plan, instances } = resident;
    const wanted = this.overrides.replicas.get(plan.id) ?? plan.replicas;
    while (instances.length < wanted)
      instances.push(this.takeBack(plan, instances.length) ?? new Instance(this.supervise, this, plan, instances.length));
    const superfluous = instances.splice(wanted);
    if (wanted === 0 && superfluous.length > 0) resident.emptySince = this.context.now();
    return this.retire(superfluous);
  }

  /** An instance that the plan has again before it has ended. */
  private takeBack(plan: DaemonPlan, index: number): Instance | null {
    for (const instance of this.retiring) {
      if (instance.key !== `${plan.id}/${index}`) continue;
      this.retiring.delete(instance);
      instance.updatePlan(plan);
      return instance;
    }
    return null;
  }

  /** Settles when they have ended. */
  private retire(instances: readonly Instance[]): Promise<void> {
    for (const instance of instances) {
      this.retiring.add(instance);
      instance.raise('stop');
      this.forgetIfEnded(instance);
    }
    return this.conditions.until(() => instances.every((instance) => !this.retiring.has(instance)));
  }

  private forgetIfEnded(instance: Instance): void {
    if (!isEnded(instance.state) || !this.retiring.delete(instance)) return;
    this.outputs.forget(instance);
  }

  async end(instances: readonly Instance[]): Promise<void> {
    for (const instance of instances) instance.raise('stop');
    await this.conditions.until(() => instances.every(({ state }) => isEnded(state)));
  }

  mayStart(instance: Instance): boolean {
    return this.waits.mayStart(instance);
  }

  keep(instance: Instance): void {
    this.records.keep(instance);
  }

  changed(instance: Instance, from: DaemonState): void {
    const { plan, index, state, pid, detail, exitStatus } = instance;
    if (state !== 'waiting') this.waits.forget(instance);
    const change = { at: this.context.now(), service: { id: plan.id, name: plan.name }, replica: index, from, state, pid, detail };
    // After all consequences of the change: a daemon that has ended starts again before superd reports its end.
    runNext(() => {
      const of = this.overrides.replicas.get(plan.id) ?? plan.replicas;
      this.context.emit({ type: 'daemon-changed', ...change, of });
      if (plan.essential && isGivenUp(state)) this.context.essentialEnded(plan.id, exitStatus);
      if (isSettled(state)) {
        if (!instance.alive) this.outputs.drain(instance);
        this.forgetIfEnded(instance);
      } else if (state !== 'waiting') return;
      this.recheck();
    });
  }

  /** The state of a daemon or a script has changed: others may wait for it. */
  recheck(): void {
    this.waits.recheck();
    this.conditions.recheck();
  }

  private adoptRunning(): void {
    adopt(this.residents.values(), {
      records: this.records,
      key: this.supervise.key,
      notice: (message) => this.context.notice('notice', message),
      adopted: (instance) => this.outputs.resume(instance),
    });
  }

  private close(end: OutputEnd): void {
    this.orphans.close();
    this.supervise.groups?.close();
    this.supervise.notify.close();
    if (end === 'final') this.records.end();
    this.outputs.close(end);
  }
}
