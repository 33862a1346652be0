import type { DaemonPlan } from '../config/plan.js';
import { becomeSubreaper, reapOrphans } from '../os/process.js';
import type { ExitStatus } from '../report/event.js';
import type { Ground } from '../supervise/ground.js';
import { Instance } from '../supervise/instance.js';
import type { State } from '../supervise/machine.js';
import { type Stat, statOf } from '../supervise/proc.js';
import { ResidentUnit } from './resident-unit.js';
import { CountedReaper } from './residents/counted-reaper.js';
import { findMarked, findRecorded, markedProcesses } from './residents/find.js';
import { stateKey } from './residents/key.js';
import { Outputs } from './residents/outputs.js';
import { processKey } from './residents/preview.js';
import { Records } from './residents/records.js';
import { watchOn } from './residents/watch.js';
import type { Runtime } from './runtime.js';
import { type Unit, UnitError } from './unit.js';

/** A start under way may hide an ended orphan from SIGCHLD's look. */
const REAP_AGAIN_MS = 5000;

/** How long one that is no longer known may take to obey TERM. */
const LEFT_BEHIND_MS = 10_000;

/** What a command of the operator's may take. */
const RELOAD_MS = 30_000;

/** Settled states: whoever waits for it need not wait longer. */
const SETTLED: ReadonlySet<State> = new Set(['down', 'up', 'delayed', 'resting', 'done', 'failed']);

/** States in which nothing of it runs, and nothing will by itself. */
const OVER: ReadonlySet<State> = new Set(['down', 'done', 'failed']);

/** One daemon of the plan, with its replicas. */
export interface Resident {
  plan: DaemonPlan;
  instances: Instance[];
}

/** All resident daemons, under one plan at a time. */
export class Residents {
  private readonly residents = new Map<string, Resident>();
  /** Instances that are no longer wanted, until they are gone. */
  private readonly leaving = new Set<Instance>();
  private readonly waiting = new Set<Instance>();
  private readonly claimed = new Map<number, ExitStatus | null>();
  readonly ground: Ground;
  private readonly reaper: CountedReaper;
  readonly outputs: Outputs;
  private readonly records: Records;
  private readonly watchers = new Set<() => void>();
  private readonly reapTimer: NodeJS.Timeout;
  private readonly onChild = () => this.reap();
  private stopping = false;

  constructor(private readonly runtime: Runtime) {
    const { inheritance, now, onError, store } = runtime;
    this.reaper = new CountedReaper(runtime.reaper);
    this.outputs = new Outputs(runtime);
    this.records = new Records(store);
    becomeSubreaper();
    process.on('SIGCHLD', this.onChild);
    this.reapTimer = setInterval(this.onChild, REAP_AGAIN_MS).unref();
    this.ground = {
      reaper: this.reaper,
      inheritance,
      key: stateKey(store),
      now,
      onError,
      watch: watchOn(runtime),
      mayStart: (instance) => this.mayStart(instance),
      changed: (instance, from) => this.changed(instance, from),
      keep: (instance) => this.records.keep(instance),
      outputs: (instance) => this.outputs.descriptors(instance),
      claim: (pid) => void this.claimed.set(pid, null),
      release: (pid) => void this.claimed.delete(pid),
      exitOf: (pid) => {
        this.reap();
        return this.claimed.get(pid) ?? null;
      },
      isKnown: (pid) => this.claimed.has(pid) || this.isOthers(pid),
      say: (instance, level, message) => runtime.emit({ type: 'notice', at: now(), level, message: `${instance.key}: ${message}` }),
    };
  }

  get plans(): DaemonPlan[] {
    return [...this.residents.values()].map(({ plan }) => plan);
  }

  units(): Unit[] {
    return [...this.residents.values()].map((resident) => new ResidentUnit(resident, this));
  }

  isHeld(id: string): boolean {
    return this.records.wishFor(id).stopped === true;
  }

  outputOf(plan: DaemonPlan): string | null {
    return this.outputs.pathOf(plan);
  }

  /** Ids that keep one from its start. */
  missingFor({ needs, wants, after }: DaemonPlan): string[] {
    const lacks = (id: string, holds: (state: State) => boolean) =>
      !(this.residents.get(id)?.instances.every(({ state }) => holds(state)) ?? true);
    return [...needs.filter((id) => lacks(id, (state) => state === 'up')), ...[...wants, ...after].filter((id) => lacks(id, isSettled))];
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
    this.adopt();
    this.records.begin();
    for (const resident of this.residents.values()) if (this.records.wishFor(resident.plan.id).stopped !== true) this.begin(resident);
  }

  /** Settles when a daemon is ready, has failed or is not wanted; at once where there is none of that id. */
  async settled(id: string): Promise<void> {
    const resident = this.residents.get(id);
    if (resident !== undefined && !this.isHeld(id))
      await this.until(() => resident.instances.every(({ state }) => SETTLED.has(state) && state !== 'down'));
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
        if (this.records.wishFor(plan.id).stopped !== true) this.begin(fresh);
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
    const running = inTheWay.filter(({ instances }) => instances.some(({ state }) => !OVER.has(state)));
    await Promise.all(running.map(({ instances }) => this.settle(instances, 'stop')));
    return () => {
      for (const resident of running) this.begin(resident);
    };
  }

  /** Ends all, each after those that were started after it. */
  async stop(): Promise<void> {
    this.stopping = true;
    const ends = new Map<string, Promise<void>>();
    const end = (resident: Resident): Promise<void> => {
      const known = ends.get(resident.plan.id);
      if (known !== undefined) return known;
      const ended = Promise.all(this.dependents(resident.plan.id).map(end)).then(() => this.settle(resident.instances, 'stop'));
      ends.set(resident.plan.id, ended);
      return ended;
    };
    await Promise.all([...[...this.residents.values()].map(end), this.settle([...this.leaving], 'stop')]);
    this.close('for-good');
  }

  /** Leaves all to themselves: the next superd finds them. */
  abandon(): void {
    this.stopping = true;
    for (const { instances } of this.residents.values()) for (const instance of instances) instance.abandon();
    this.close('for-the-next');
  }

  /** Reaps what others leave behind, and learns how those ended that are looked after. */
  reap(): void {
    for (const { pid, exit } of reapOrphans()) if (this.claimed.has(pid)) this.claimed.set(pid, exit);
  }

  /** Starts it, and what it wants and needs before it. An operator's wish is kept. */
  async startByHand(id: string): Promise<void> {
    const resident = this.residents.get(id);
    if (resident === undefined) return;
    this.wish(id, { stopped: undefined });
    for (const other of [...resident.plan.needs, ...resident.plan.wants]) {
      const first = this.residents.get(other);
      if (first?.instances.every(({ state }) => OVER.has(state)) === true) void this.startByHand(other);
    }
    this.begin(resident);
    await this.until(() => resident.instances.every(({ state }) => SETTLED.has(state) && state !== 'down'));
  }

  /** Stops it, and first whatever needs it. */
  async stopByHand(id: string): Promise<void> {
    const resident = this.residents.get(id);
    if (resident === undefined) return;
    this.wish(id, { stopped: true });
    await Promise.all(this.needing(id).map((other) => this.settle(other.instances, 'stop')));
    await this.settle(resident.instances, 'stop');
  }

  async restartByHand(id: string): Promise<void> {
    const resident = this.residents.get(id);
    if (resident === undefined) return;
    this.wish(id, { stopped: undefined });
    for (const instance of resident.instances) instance.feed('restart');
    await this.until(() => resident.instances.every(({ state }) => SETTLED.has(state) && state !== 'down'));
  }

  /** Has it read its own configuration again. */
  async reloadByHand(id: string): Promise<void> {
    const resident = this.residents.get(id);
    if (resident === undefined) return;
    const { plan, instances } = resident;
    const running = instances.filter(({ pid }) => pid !== 0);
    if (plan.reloadExec === null && plan.reloadSignal === null)
      throw new UnitError('not-reloadable', `${id}: neither reload_signal nor reload_exec says how; superctl restart ${id} starts it anew`);
    for (const instance of running) if (plan.reloadSignal !== null) instance.signal(plan.reloadSignal);
    if (plan.reloadExec === null) return;
    const { runOnce } = await import('../supervise/run-once.js');
    for (const instance of running) {
      const status = await runOnce(plan.reloadExec, instance, this.ground, RELOAD_MS);
      if (status !== 0) throw new UnitError('not-ready', `${instance.key}: reload_exec ended with ${status ?? 'a signal'}`);
    }
  }

  /** Runs so many replicas from now on, whatever the configuration says. */
  async scale(id: string, replicas: number): Promise<void> {
    const resident = this.residents.get(id);
    if (resident === undefined) return;
    this.wish(id, { replicas });
    const gone = this.fit(resident);
    if (this.records.wishFor(id).stopped !== true) this.begin(resident);
    await gone;
    await this.until(() => resident.instances.every(({ state }) => SETTLED.has(state)));
  }

  /** A server of a request, or another daemon. */
  private isOthers(pid: number): boolean {
    for (const session of this.runtime.sessions) if (session.pid === pid) return true;
    for (const { instances } of this.residents.values()) if (instances.some((one) => one.pid === pid)) return true;
    return false;
  }

  private wish(id: string, change: { readonly stopped?: true | undefined; readonly replicas?: number }): void {
    const { stopped, replicas } = { ...this.records.wishFor(id), ...change };
    this.records.wish(id, { ...(stopped === undefined ? {} : { stopped }), ...(replicas === undefined ? {} : { replicas }) });
  }

  private add(plan: DaemonPlan): Resident {
    const resident: Resident = { plan, instances: [] };
    this.residents.set(plan.id, resident);
    void this.fit(resident);
    return resident;
  }

  private begin({ instances }: Resident): void {
    for (const instance of instances) instance.feed('start');
  }

  private exchange(resident: Resident, plan: DaemonPlan): void {
    const anew = processKey(plan) !== processKey(resident.plan);
    resident.plan = plan;
    for (const instance of resident.instances) {
      instance.exchange(plan);
      if (anew && !OVER.has(instance.state)) instance.feed('restart');
      else if (!anew && instance.alive) this.outputs.resume(instance);
    }
    const before = resident.instances.length;
    void this.fit(resident);
    if (this.records.wishFor(plan.id).stopped !== true) for (const instance of resident.instances.slice(before)) instance.feed('start');
  }

  /** As many instances as are wanted; settles when those too many are gone. */
  private fit(resident: Resident): Promise<void> {
    const { plan, instances } = resident;
    const wanted = this.records.wishFor(plan.id).replicas ?? plan.replicas;
    while (instances.length < wanted)
      instances.push(this.returning(plan, instances.length) ?? new Instance(this.ground, plan, instances.length));
    return this.dismiss(instances.splice(wanted));
  }

  /** One that is wanted again before it is gone. */
  private returning(plan: DaemonPlan, index: number): Instance | null {
    for (const instance of this.leaving) {
      if (instance.key !== `${plan.id}/${index}`) continue;
      this.leaving.delete(instance);
      instance.exchange(plan);
      return instance;
    }
    return null;
  }

  private dismiss(instances: readonly Instance[]): Promise<void> {
    for (const instance of instances) {
      this.leaving.add(instance);
      instance.feed('stop');
      this.letGo(instance);
    }
    return this.until(() => instances.every((instance) => !this.leaving.has(instance)));
  }

  private letGo(instance: Instance): void {
    if (!OVER.has(instance.state) || !this.leaving.delete(instance)) return;
    this.outputs.forget(instance);
  }

  private async settle(instances: readonly Instance[], event: 'stop'): Promise<void> {
    for (const instance of instances) instance.feed(event);
    await this.until(() => instances.every(({ state }) => OVER.has(state)));
  }

  /** Asked again after every change of any instance. */
  private until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
    });
  }

  private mayStart(instance: Instance): boolean {
    const { plan } = instance;
    const free = !this.stopping && this.missingFor(plan).length === 0;
    if (free) this.waiting.delete(instance);
    else this.waiting.add(instance);
    return free;
  }

  private changed(instance: Instance, from: State): void {
    const { plan, index, state, pid, detail } = instance;
    if (state !== 'waiting') this.waiting.delete(instance);
    if (from !== 'sweeping' && from !== 'starting' && from !== 'up') this.outputs.drain(instance);
    const service = { id: plan.id, name: plan.name };
    this.runtime.emit({
      type: 'daemon-changed',
      at: this.runtime.now(),
      service,
      replica: index,
      of: this.records.wishFor(plan.id).replicas ?? plan.replicas,
      from,
      state,
      pid,
      detail,
    });
    // After the change has been made whole.
    if (SETTLED.has(state)) queueMicrotask(() => this.lookAround(instance));
  }

  private lookAround(instance: Instance): void {
    this.letGo(instance);
    for (const one of [...this.waiting]) if (one.state === 'waiting' && this.mayStart(one)) one.feed('clear');
    for (const look of [...this.watchers]) look();
  }

  /** Daemons that are started after this one. */
  private dependents(id: string): Resident[] {
    return [...this.residents.values()].filter(({ plan }) => [...plan.needs, ...plan.wants, ...plan.after].includes(id));
  }

  /** Daemons that cannot be without this one, also through others. */
  private needing(id: string): Resident[] {
    const direct = [...this.residents.values()].filter(({ plan }) => plan.needs.includes(id));
    return [...new Set(direct.flatMap((one) => [one, ...this.needing(one.plan.id)]))];
  }

  /** Takes over what an earlier superd has left; what cannot be taken over is ended, so that nothing runs twice. */
  private adopt(): void {
    const marked = this.records.unclean ? markedProcesses(this.ground.key) : new Map<string, Stat[]>();
    for (const { plan, instances } of this.residents.values()) {
      for (const instance of instances) {
        const others = marked.get(instance.key) ?? [];
        marked.delete(instance.key);
        if (this.adoptOne(instance, plan, others)) continue;
        this.records.forget(instance.key);
        for (const { pid } of others) tellProcess(pid, 'SIGKILL');
      }
    }
    for (const [key, processes] of marked) this.endLeftBehind(key, processes);
  }

  private adoptOne(instance: Instance, { program }: DaemonPlan, marked: readonly Stat[]): boolean {
    const { uid } = program.credentials;
    const record = this.records.processOf(instance.key);
    const recorded = record === undefined ? null : findRecorded(record, uid, instance.variable);
    const found = recorded ?? findMarked(marked, uid, instance.pidfileSays());
    if (found === null || !instance.adopt(found.pid, found.leader, found.ready)) return false;
    this.outputs.resume(instance);
    return true;
  }

  /** Of a daemon that the configuration no longer knows. */
  private endLeftBehind(key: string, processes: readonly Stat[]): void {
    this.records.forget(key);
    const pids = processes.map(({ pid }) => pid);
    const message = `${key} (process ${pids.join(', ')}) is no longer in the configuration, and is ended`;
    this.runtime.emit({ type: 'notice', at: this.runtime.now(), level: 'notice', message });
    for (const pid of pids) tellProcess(pid, 'SIGTERM');
    setTimeout(() => {
      for (const { pid, startTime } of processes) if (statOf(pid)?.startTime === startTime) tellProcess(pid, 'SIGKILL');
    }, LEFT_BEHIND_MS).unref();
  }

  private close(end: 'for-good' | 'for-the-next'): void {
    clearInterval(this.reapTimer);
    process.off('SIGCHLD', this.onChild);
    if (end === 'for-good') this.records.end();
    this.outputs.close(end);
  }
}

function tellProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile.
  }
}

const isSettled = (state: State) => SETTLED.has(state);
