import type { DaemonPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import type { Store } from '../../state/store.js';
import type { SuperviseContext } from '../../supervise/context.js';
import { ControlGroups } from '../../supervise/control-groups.js';
import { Instance, type InstanceOwner } from '../../supervise/instance.js';
import type { OverrideContext, ReportContext, SpawnContext, WatchContext } from '../context.js';
import type { Unit } from '../unit.js';
import { adopt } from './adopt.js';
import { ByHand, type Commanded } from './by-hand.js';
import { Conditions } from './changes.js';
import { CountedReaper } from './counted-reaper.js';
import { stateKey } from './key.js';
import { Order } from './order.js';
import { Orphans } from './orphans.js';
import { Outputs } from './outputs.js';
import { processKey } from './preview.js';
import { Records } from './records.js';
import { isOver, isSettled, type Resident } from './resident.js';
import type { StopNode } from './stop-order.js';
import { type ResidentControl, ResidentUnit } from './unit.js';
import { Waits } from './waits.js';
import { watchOn } from './watch.js';

export interface ResidentContext extends OverrideContext, ReportContext, SpawnContext, WatchContext {
  /** The sessions of all services. */
  readonly sessions: ReadonlySet<{ readonly pid: number }>;
}

/** All resident daemons, under one plan at a time. */
export class Residents implements Commanded, InstanceOwner, ResidentControl {
  readonly residents = new Map<string, Resident>();
  readonly order = new Order(this.residents);
  private readonly changes = new Conditions();
  readonly byHand = new ByHand(this);
  /** Instances that are no longer wanted, until they are gone. */
  private readonly leaving = new Set<Instance>();
  private readonly waits = new Waits(this.order, (instance, message) => this.supervise.notice(instance.key, 'warning', message));
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
      groups: inheritance.uid === 0 ? ControlGroups.find(key) : null,
      outputs: (instance) => this.outputs.descriptors(instance),
      claim: (pid) => this.orphans.claim(pid),
      release: (pid) => this.orphans.release(pid),
      exitOf: (pid) => this.orphans.exitOf(pid),
      children: () => this.orphans.list(),
      isKnown: (pid) => this.orphans.isClaimed(pid) || this.isOthers(pid),
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

  /** Processes that the reaper is asked about on behalf of daemons. */
  get processes(): number {
    return this.reaper.count;
  }

  /** Takes over what runs already, and starts the rest in its order. */
  start(plans: readonly DaemonPlan[]): void {
    for (const plan of plans) this.add(plan);
    this.takeOver();
    this.records.begin();
    for (const resident of this.residents.values()) if (!this.overrides.stopped.has(resident.plan.id)) this.begin(resident);
  }

  /** Settles when what has this id is ready, has failed, is not wanted, or waits for what will not come; at once where there is none. */
  settled(id: string): Promise<void> {
    return this.changes.until(() => this.order.isSettled(id));
  }

  /** Goes over to another plan: only what has changed is started anew. Returns when what was dropped is gone. */
  async reload(plans: readonly DaemonPlan[]): Promise<{ added: number; kept: number; dropped: number }> {
    this.outputs.reopen();
    const wanted = new Set(plans.map(({ id }) => id));
    const dropped = [...this.residents.values()].filter(({ plan }) => !wanted.has(plan.id));
    for (const { plan } of dropped) this.residents.delete(plan.id);
    const gone = dropped.map(({ instances }) => this.dismiss(instances));
    let added = 0;
    for (const plan of plans) {
      const resident = this.residents.get(plan.id);
      if (resident !== undefined) this.exchange(resident, plan);
      else {
        added++;
        const fresh = this.add(plan);
        if (!this.overrides.stopped.has(plan.id)) this.begin(fresh);
      }
    }
    await Promise.all(gone);
    return { added, kept: plans.length - added, dropped: dropped.length };
  }

  /**
   * Ends daemons that another plan has as services on request, whose ports they may have.
   *
   * @returns A function that starts them again, for a plan that cannot be had.
   */
  async makeWay(ids: ReadonlySet<string>): Promise<() => void> {
    const inTheWay = [...this.residents.values()].filter(({ plan }) => ids.has(plan.id));
    const running = inTheWay.filter(({ instances }) => instances.some(({ state }) => !isOver(state)));
    await Promise.all(running.map(({ instances }) => this.end(instances)));
    return () => {
      for (const resident of running) this.begin(resident);
    };
  }

  /** Begins to stop: what is to be ended, before `stop`. */
  endings(): StopNode[] {
    this.waits.close();
    return [...this.residents.values()].map(({ plan, instances }) => ({
      id: plan.id,
      after: [...plan.needs, ...plan.wants, ...plan.after],
      end: () => this.end(instances),
    }));
  }

  /** All have been ended that were wanted. */
  async stop(): Promise<void> {
    await this.end([...this.leaving]);
    this.close('for-good');
  }

  /** Leaves all to themselves: the next superd finds them. */
  abandon(): void {
    this.waits.close();
    for (const { instances } of this.residents.values()) for (const instance of instances) instance.abandon();
    this.close('for-the-next');
  }

  /** Reaps what others leave behind. */
  reap(): void {
    this.orphans.reap();
  }

  /** A server of a request, or another daemon. */
  private isOthers(pid: number): boolean {
    for (const session of this.context.sessions) if (session.pid === pid) return true;
    for (const { instances } of this.residents.values()) if (instances.some((one) => one.pid === pid)) return true;
    return false;
  }

  private add(plan: DaemonPlan): Resident {
    const resident: Resident = { plan, instances: [] };
    this.residents.set(plan.id, resident);
    void this.fit(resident);
    return resident;
  }

  begin({ instances }: Resident): void {
    for (const instance of instances) instance.raise('start');
  }

  private exchange(resident: Resident, plan: DaemonPlan): void {
    const anew = processKey(plan) !== processKey(resident.plan);
    resident.plan = plan;
    for (const instance of resident.instances) {
      instance.updatePlan(plan);
      if (anew && !isOver(instance.state)) instance.raise('restart');
      else if (!anew && instance.alive) this.outputs.resume(instance);
    }
    const before = resident.instances.length;
    void this.fit(resident);
    if (!this.overrides.stopped.has(plan.id)) for (const instance of resident.instances.slice(before)) instance.raise('start');
  }

  fit(resident: Resident): Promise<void> {
    const { plan, instances } = resident;
    const wanted = this.overrides.replicas.get(plan.id) ?? plan.replicas;
    while (instances.length < wanted)
      instances.push(this.returning(plan, instances.length) ?? new Instance(this.supervise, this, plan, instances.length));
    return this.dismiss(instances.splice(wanted));
  }

  /** One that is wanted again before it is gone. */
  private returning(plan: DaemonPlan, index: number): Instance | null {
    for (const instance of this.leaving) {
      if (instance.key !== `${plan.id}/${index}`) continue;
      this.leaving.delete(instance);
      instance.updatePlan(plan);
      return instance;
    }
    return null;
  }

  private dismiss(instances: readonly Instance[]): Promise<void> {
    for (const instance of instances) {
      this.leaving.add(instance);
      instance.raise('stop');
      this.letGo(instance);
    }
    return this.changes.until(() => instances.every((instance) => !this.leaving.has(instance)));
  }

  private letGo(instance: Instance): void {
    if (!isOver(instance.state) || !this.leaving.delete(instance)) return;
    this.outputs.forget(instance);
  }

  async end(instances: readonly Instance[]): Promise<void> {
    for (const instance of instances) instance.raise('stop');
    await this.changes.until(() => instances.every(({ state }) => isOver(state)));
  }

  mayStart(instance: Instance): boolean {
    return this.waits.mayStart(instance);
  }

  keep(instance: Instance): void {
    this.records.keep(instance);
  }

  changed(instance: Instance, from: DaemonState): void {
    const { plan, index, state, pid, detail } = instance;
    if (state !== 'waiting') this.waits.forget(instance);
    const change = { at: this.context.now(), service: { id: plan.id, name: plan.name }, replica: index, from, state, pid, detail };
    // After the change has been made whole: one that has died is to be there again before anybody is told.
    queueMicrotask(() => {
      const of = this.overrides.replicas.get(plan.id) ?? plan.replicas;
      this.context.emit({ type: 'daemon-changed', ...change, of });
      if (isSettled(state)) {
        if (!instance.alive) this.outputs.drain(instance);
        this.letGo(instance);
      } else if (state !== 'waiting') return;
      this.lookAround();
    });
  }

  /** Something has changed that daemons may wait for. */
  lookAround(): void {
    this.waits.lookAround();
    this.changes.tell();
  }

  private takeOver(): void {
    adopt(this.residents.values(), {
      records: this.records,
      key: this.supervise.key,
      notice: (message) => this.context.emit({ type: 'notice', at: this.context.now(), level: 'notice', message }),
      adopted: (instance) => this.outputs.resume(instance),
    });
  }

  private close(end: 'for-good' | 'for-the-next'): void {
    this.orphans.close();
    this.supervise.groups?.close();
    if (end === 'for-good') this.records.end();
    this.outputs.close(end);
  }
}
