import type { ScriptPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import type { OverrideContext } from '../context.js';
import { BootUnit } from '../residents/boot-unit.js';
import { type Unit, type UnitCounters, UnitError } from '../unit.js';
import type { Script } from './script.js';

/** What a unit needs of the init scripts. */
export interface ScriptControl extends OverrideContext {
  outputOf(plan: ScriptPlan): string | null;
  /** Ends the daemons that need it. */
  endDependentsOf(id: string): Promise<void>;
}

/** An init script, as an operator sees it. It has no state of its own. */
export class ScriptUnit extends BootUnit implements Unit {
  constructor(
    private readonly script: Script,
    private readonly scripts: ScriptControl,
  ) {
    super();
  }

  get id() {
    return this.script.id;
  }
  get name() {
    return this.script.id;
  }
  get origin() {
    return this.script.plan.origin;
  }
  get stoppedByOperator() {
    return this.scripts.overrides.stopped.has(this.id);
  }
  get output() {
    return this.scripts.outputOf(this.script.plan);
  }
  get state(): DaemonState {
    return this.script.state;
  }
  get since() {
    return this.script.since;
  }
  get pids() {
    return this.script.pid === 0 ? [] : [this.script.pid];
  }

  get problem(): string {
    const { state, detail } = this.script;
    return state === 'running' && detail.startsWith('pid ') ? '' : detail;
  }

  signal(signal: NodeJS.Signals): number[] {
    this.script.signalGroup(signal);
    return this.pids;
  }

  get counters(): UnitCounters {
    const { starts, restarts, failedStarts } = this.script;
    return { started: starts, refused: 0, failed: failedStarts, restarts };
  }

  /** @throws UnitError `not-ready` with what the script's exit status says. */
  async start(): Promise<void> {
    this.scripts.overrides.stopped.delete(this.id);
    await this.script.start();
  }

  /** @throws UnitError `not-ended` with what the script's exit status says. */
  async stop(): Promise<void> {
    this.scripts.overrides.stopped.set(this.id, true);
    await this.scripts.endDependentsOf(this.id);
    await this.script.stop();
  }

  async restart(): Promise<void> {
    this.scripts.overrides.stopped.delete(this.id);
    await this.script.restart();
  }

  /** @throws UnitError `not-reloadable` when the script does not implement it. */
  async reload(): Promise<void> {
    await this.script.reload();
  }

  async scale(): Promise<void> {
    throw new UnitError('not-scalable', `${this.id}: an init script starts one service; a service with activation = boot has replicas`);
  }

  /** Asks the script. */
  async look(): Promise<void> {
    await this.script.look();
  }
}
