import type { Plan } from '../config/plan.js';
import { reapOrphans } from '../os/process.js';
import { memoryStore, type Store } from '../state/store.js';
import type { ServiceChange } from './reload/preview.js';
import { hasDaemonsLeft, hasScriptsLeft } from './residents/leftovers.js';
import type { ResidentContext, Residents } from './residents/residents.js';
import { stopInOrder } from './residents/stop-order.js';
import type { Scripts } from './scripts/scripts.js';
import type { Unit } from './unit.js';

interface Counts {
  readonly added: number;
  readonly kept: number;
  readonly dropped: number;
}

const NONE: Counts = { added: 0, kept: 0, dropped: 0 };

/** Resident daemons and init scripts. Most configurations have none, so their modules are loaded with the first of them. */
export class Daemons {
  private residents: Residents | null = null;
  private scripts: Scripts | null = null;
  private closed = false;
  private store: Store = memoryStore();

  constructor(private readonly context: ResidentContext) {}

  get size(): number {
    return (this.residents?.size ?? 0) + (this.scripts?.size ?? 0);
  }

  /** Processes that the reaper waits for on behalf of resident daemons. */
  get processes(): number {
    return this.residents?.processes ?? 0;
  }

  get plans(): Pick<Plan, 'daemons' | 'scripts'> {
    return { daemons: this.residents?.plans ?? [], scripts: this.scripts?.plans ?? [] };
  }

  units(): Unit[] {
    return [...(this.residents?.units() ?? []), ...(this.scripts?.units() ?? [])];
  }

  /** Starts the first plan, and adopts the daemons that an earlier superd has left running. */
  async start({ daemons, scripts }: Plan, store: Store): Promise<void> {
    this.store = store;
    const withScripts = scripts.length > 0 || hasScriptsLeft(store) ? await this.withScripts() : null;
    const startScripts = withScripts?.prepare(scripts);
    if (daemons.length > 0 || hasDaemonsLeft(store)) (await this.withResidents())?.start(daemons);
    startScripts?.();
    withScripts?.reportLeftBehind();
  }

  /** Applies a new plan. Settles when the daemons that it drops have ended. */
  async applyPlan({ daemons, scripts }: Plan): Promise<Counts> {
    // Scripts first: a script must be stopped before a daemon takes its place.
    const one = await this.reloadScripts(scripts);
    const other = await this.reloadResidents(daemons);
    one.start();
    return { added: one.added + other.added, kept: one.kept + other.kept, dropped: one.dropped + other.dropped };
  }

  /** What `applyPlan` would do. */
  async preview({ daemons, scripts }: Plan): Promise<ServiceChange[]> {
    if (daemons.length + scripts.length === 0 && this.residents === null) return [];
    const { previewDaemons, previewScripts } = await import('./residents/preview.js');
    const running = this.plans;
    return [...previewDaemons(running.daemons, daemons), ...previewScripts(running.scripts, scripts)];
  }

  /**
   * Ends daemons that a new plan starts on request instead, since they may hold the ports of those services.
   *
   * @returns A function that starts them again, for a plan that superd cannot apply.
   */
  async releasePorts({ services }: Plan): Promise<() => void> {
    return (await this.residents?.releasePorts(new Set(services.map(({ id }) => id)))) ?? (() => {});
  }

  /** Reaps inherited processes. */
  reap(): void {
    if (this.residents === null) reapOrphans();
    else this.residents.reap();
  }

  /** Starts no more daemons. */
  close(): void {
    this.closed = true;
  }

  /** Ends all, in the reverse order of their start. */
  async stop(): Promise<void> {
    const { residents, scripts } = this;
    await stopInOrder([...(residents?.stopNodes() ?? []), ...(scripts?.stopNodes() ?? [])]);
    scripts?.stop();
    await residents?.stop();
  }

  /** Leaves all daemons running: the next superd adopts them. */
  abandon(): void {
    this.scripts?.abandon();
    this.residents?.abandon();
  }

  private async reloadScripts(plans: Plan['scripts']): Promise<Counts & { start(): void }> {
    const none = { ...NONE, start: () => {} };
    if (plans.length === 0 && this.scripts === null) return none;
    return (await this.withScripts())?.applyPlans(plans) ?? none;
  }

  private async reloadResidents(plans: Plan['daemons']): Promise<Counts> {
    if (plans.length === 0 && this.residents === null) return NONE;
    return (await this.withResidents())?.applyPlans(plans) ?? NONE;
  }

  /** null when superd is ending by now. */
  private async withResidents(): Promise<Residents | null> {
    const { Residents } = await import('./residents/residents.js');
    if (this.closed) return null;
    this.residents ??= new Residents(this.context, this.store);
    return this.residents;
  }

  /** Scripts use the processes and the outputs of `Residents`. */
  private async withScripts(): Promise<Scripts | null> {
    const residents = await this.withResidents();
    const { Scripts } = await import('./scripts/scripts.js');
    if (residents === null || this.closed) return null;
    this.scripts ??= new Scripts(this.context, residents, this.store);
    return this.scripts;
  }
}
