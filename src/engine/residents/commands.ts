import { inBackground } from '../../guarded.js';
import type { SuperviseContext } from '../../supervise/context.js';
import type { Instance } from '../../supervise/instance.js';
import type { OverrideContext } from '../context.js';
import { UnitError } from '../unit.js';
import { isEnded, type Resident } from './resident.js';
import type { StartOrder } from './start-order.js';

/** The deadline of `reload_exec`. */
const RELOAD_MS = 30_000;

/** What the commands need of the daemons. */
export interface CommandTarget extends OverrideContext {
  readonly residents: ReadonlyMap<string, Resident>;
  readonly supervise: SuperviseContext;
  readonly order: StartOrder;
  startAll(resident: Resident): void;
  end(instances: readonly Instance[]): Promise<void>;
  settled(id: string): Promise<void>;
  /** As many instances as are wanted; settles when those too many are gone. */
  adjustReplicas(resident: Resident): Promise<void>;
}

/** The commands of operators. superd remembers a stop and a number of replicas over its own restart. */
export class DaemonCommands {
  constructor(private readonly daemons: CommandTarget) {}

  /** Starts a daemon, and before it what it wants and needs. */
  async start(id: string): Promise<void> {
    const resident = this.daemons.residents.get(id);
    if (resident === undefined) return;
    this.daemons.overrides.stopped.delete(id);
    for (const other of [...resident.plan.needs, ...resident.plan.wants]) {
      const first = this.daemons.residents.get(other);
      if (first === undefined) this.daemons.order.others.startByCommand(other);
      else if (first.instances.some(({ state }) => isEnded(state) || state === 'waiting')) inBackground(this.start(other));
    }
    this.leaveZero(resident);
    this.daemons.startAll(resident);
    await this.daemons.settled(id);
  }

  /** `start` after `scale 0`: as many replicas as the configuration has. */
  private leaveZero(resident: Resident): void {
    const { replicas } = this.daemons.overrides;
    if (replicas.get(resident.plan.id) !== 0) return;
    replicas.delete(resident.plan.id);
    inBackground(this.daemons.adjustReplicas(resident));
  }

  /** Stops a daemon, and before it whatever needs it. */
  async stop(id: string): Promise<void> {
    const resident = this.daemons.residents.get(id);
    if (resident === undefined) return;
    this.daemons.overrides.stopped.set(id, true);
    await this.endDependentsOf(id);
    await this.daemons.end(resident.instances);
  }

  /** Ends the daemons that need it. */
  async endDependentsOf(id: string): Promise<void> {
    await Promise.all(this.daemons.order.dependentsOf(id).map(({ instances }) => this.daemons.end(instances)));
  }

  async restart(id: string): Promise<void> {
    const resident = this.daemons.residents.get(id);
    if (resident === undefined) return;
    this.daemons.overrides.stopped.delete(id);
    this.leaveZero(resident);
    for (const instance of resident.instances) instance.raise('restart');
    await this.daemons.settled(id);
  }

  /** Makes a daemon read its own configuration again. */
  async reload(id: string): Promise<void> {
    const resident = this.daemons.residents.get(id);
    if (resident === undefined) return;
    const { plan, instances } = resident;
    const running = instances.filter(({ pid }) => pid !== 0);
    if (plan.reloadExec === null && plan.reloadSignal === null)
      throw new UnitError('not-reloadable', `${id}: it has neither reload_signal nor reload_exec; superctl restart ${id} restarts it`);
    for (const instance of running) if (plan.reloadSignal !== null) instance.signal(plan.reloadSignal);
    if (plan.reloadExec === null) return;
    const { runDaemonCommand } = await import('../../supervise/daemon-command.js');
    for (const instance of running) {
      const status = await runDaemonCommand(plan.reloadExec, instance, this.daemons.supervise, RELOAD_MS);
      if (status !== 0) throw new UnitError('not-ready', `${instance.key}: reload_exec ended with ${status ?? 'a signal'}`);
    }
  }

  /** Overrides the number of replicas that the configuration gives. */
  async scale(id: string, replicas: number): Promise<void> {
    const resident = this.daemons.residents.get(id);
    if (resident === undefined) return;
    this.daemons.overrides.replicas.set(id, replicas);
    const gone = this.daemons.adjustReplicas(resident);
    if (!this.daemons.overrides.stopped.has(id)) this.daemons.startAll(resident);
    await gone;
    await this.daemons.settled(id);
  }
}
