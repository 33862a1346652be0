import type { SuperviseContext } from '../../supervise/context.js';
import type { Instance } from '../../supervise/instance.js';
import type { OverrideContext } from '../context.js';
import { UnitError } from '../unit.js';
import type { Order } from './order.js';
import { isOver, type Resident } from './resident.js';

/** What a command of the operator's may take. */
const RELOAD_MS = 30_000;

/** What commands take of those whom they command. */
export interface Commanded extends OverrideContext {
  readonly residents: ReadonlyMap<string, Resident>;
  readonly supervise: SuperviseContext;
  readonly order: Order;
  begin(resident: Resident): void;
  end(instances: readonly Instance[]): Promise<void>;
  settled(id: string): Promise<void>;
  /** As many instances as are wanted; settles when those too many are gone. */
  fit(resident: Resident): Promise<void>;
}

/** An operator's commands to daemons. What is said here is kept over a restart of superd. */
export class ByHand {
  constructor(private readonly all: Commanded) {}

  /** Starts it, and what it wants and needs before it. */
  async start(id: string): Promise<void> {
    const resident = this.all.residents.get(id);
    if (resident === undefined) return;
    this.all.overrides.stopped.delete(id);
    for (const other of [...resident.plan.needs, ...resident.plan.wants]) {
      const first = this.all.residents.get(other);
      if (first === undefined) this.all.order.others.startByHand(other);
      else if (first.instances.some(({ state }) => isOver(state) || state === 'waiting')) void this.start(other);
    }
    this.all.begin(resident);
    await this.all.settled(id);
  }

  /** Stops it, and first whatever needs it. */
  async stop(id: string): Promise<void> {
    const resident = this.all.residents.get(id);
    if (resident === undefined) return;
    this.all.overrides.stopped.set(id, true);
    await this.endNeeding(id);
    await this.all.end(resident.instances);
  }

  /** Ends those that cannot be without it. */
  async endNeeding(id: string): Promise<void> {
    await Promise.all(this.all.order.needing(id).map(({ instances }) => this.all.end(instances)));
  }

  async restart(id: string): Promise<void> {
    const resident = this.all.residents.get(id);
    if (resident === undefined) return;
    this.all.overrides.stopped.delete(id);
    for (const instance of resident.instances) instance.raise('restart');
    await this.all.settled(id);
  }

  /** Has it read its own configuration again. */
  async reload(id: string): Promise<void> {
    const resident = this.all.residents.get(id);
    if (resident === undefined) return;
    const { plan, instances } = resident;
    const running = instances.filter(({ pid }) => pid !== 0);
    if (plan.reloadExec === null && plan.reloadSignal === null)
      throw new UnitError('not-reloadable', `${id}: neither reload_signal nor reload_exec says how; superctl restart ${id} starts it anew`);
    for (const instance of running) if (plan.reloadSignal !== null) instance.signal(plan.reloadSignal);
    if (plan.reloadExec === null) return;
    const { runDaemonCommand } = await import('../../supervise/daemon-command.js');
    for (const instance of running) {
      const status = await runDaemonCommand(plan.reloadExec, instance, this.all.supervise, RELOAD_MS);
      if (status !== 0) throw new UnitError('not-ready', `${instance.key}: reload_exec ended with ${status ?? 'a signal'}`);
    }
  }

  /** Runs so many replicas from now on, whatever the configuration says. */
  async scale(id: string, replicas: number): Promise<void> {
    const resident = this.all.residents.get(id);
    if (resident === undefined) return;
    this.all.overrides.replicas.set(id, replicas);
    const gone = this.all.fit(resident);
    if (!this.all.overrides.stopped.has(id)) this.all.begin(resident);
    await gone;
    await this.all.settled(id);
  }
}
