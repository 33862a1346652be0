import type { Plan } from '../config/plan.js';
import { reapOrphans } from '../os/process.js';
import { memoryStore, type Store } from '../state/store.js';
import type { ServiceChange } from './reload/preview.js';
import { hasDaemonsLeft, hasScriptsLeft } from './residents/left.js';
import type { ResidentContext, Residents } from './residents/residents.js';
import { lastFirst } from './residents/stop-order.js';
import type { Scripts } from './scripts/scripts.js';
import type { Unit } from './unit.js';

interface Counts {
  readonly added: number;
  readonly kept: number;
  readonly dropped: number;
}

const NONE: Counts = { added: 0, kept: 0, dropped: 0 };

/** Resident daemons and init scripts. What looks after them is loaded with the first of them: most configurations have none. */
export class Daemons {
  private residents: Residents | null = null;
  private scripts: Scripts | null = null;
  private closed = false;
  private store: Store = memoryStore();

  constructor(private readonly context: ResidentContext) {}

  get size(): number {
    return (this.residents?.size ?? 0) + (this.scripts?.size ?? 0);
  }

  /** Processes that are waited for on behalf of resident daemons. */
  get processes(): number {
    return this.residents?.processes ?? 0;
  }

  get plans(): Pick<Plan, 'daemons' | 'scripts'> {
    return { daemons: this.residents?.plans ?? [], scripts: this.scripts?.plans ?? [] };
  }

  units(): Unit[] {
    return [...(this.residents?.units() ?? []), ...(this.scripts?.units() ?? [])];
  }

  /** Starts the first plan, and takes over what an earlier superd has left running. */
  async start({ daemons, scripts }: Plan, store: Store): Promise<void> {
    this.store = store;
    const withScripts = scripts.length > 0 || hasScriptsLeft(store) ? await this.withScripts() : null;
    const startScripts = withScripts?.prepare(scripts);
    if (daemons.length > 0 || hasDaemonsLeft(store)) (await this.withResidents())?.start(daemons);
    startScripts?.();
    withScripts?.tellLeftBehind();
  }

  /** Goes over to another plan; returns when what was dropped is gone. */
  async reload({ daemons, scripts }: Plan): Promise<Counts> {
    // A script that a daemon takes the place of is stopped before.
    const one = await this.reloadScripts(scripts);
    const other = await this.reloadResidents(daemons);
    one.start();
    return { added: one.added + other.added, kept: one.kept + other.kept, dropped: one.dropped + other.dropped };
  }

  /** What `reload` would do. */
  async preview({ daemons, scripts }: Plan): Promise<ServiceChange[]> {
    if (daemons.length + scripts.length === 0 && this.residents === null) return [];
    const { previewDaemons, previewScripts } = await import('./residents/preview.js');
    const running = this.plans;
    return [...previewDaemons(running.daemons, daemons), ...previewScripts(running.scripts, scripts)];
  }

  /**
   * Ends daemons that the plan has as services on request, whose ports they may have.
   *
   * @returns what starts them again, for a plan that cannot be had.
   */
  async makeWay({ services }: Plan): Promise<() => void> {
    return (await this.residents?.makeWay(new Set(services.map(({ id }) => id)))) ?? (() => {});
  }

  /** Reaps what nobody waits for. */
  reap(): void {
    if (this.residents === null) reapOrphans();
    else this.residents.reap();
  }

  /** Begins with none any more. */
  close(): void {
    this.closed = true;
  }

  /** What was started last is stopped first. */
  async stop(): Promise<void> {
    const { residents, scripts } = this;
    await lastFirst([...(residents?.endings() ?? []), ...(scripts?.endings() ?? [])]);
    scripts?.stop();
    await residents?.stop();
  }

  /** Leaves all to themselves: the next superd finds them. */
  abandon(): void {
    this.scripts?.abandon();
    this.residents?.abandon();
  }

  private async reloadScripts(plans: Plan['scripts']): Promise<Counts & { start(): void }> {
    const none = { ...NONE, start: () => {} };
    if (plans.length === 0 && this.scripts === null) return none;
    return (await this.withScripts())?.reload(plans) ?? none;
  }

  private async reloadResidents(plans: Plan['daemons']): Promise<Counts> {
    if (plans.length === 0 && this.residents === null) return NONE;
    return (await this.withResidents())?.reload(plans) ?? NONE;
  }

  /** null when superd has been told to end meanwhile. */
  private async withResidents(): Promise<Residents | null> {
    const { Residents } = await import('./residents/residents.js');
    if (this.closed) return null;
    this.residents ??= new Residents(this.context, this.store);
    return this.residents;
  }

  /** They stand on what keeps resident daemons. */
  private async withScripts(): Promise<Scripts | null> {
    const residents = await this.withResidents();
    const { Scripts } = await import('./scripts/scripts.js');
    if (residents === null || this.closed) return null;
    this.scripts ??= new Scripts(this.context, residents, this.store);
    return this.scripts;
  }
}
