import type { ScriptPlan } from '../../config/plan.js';
import { runNext } from '../../guarded.js';
import { bootId } from '../../os/proc.js';
import type { DaemonState } from '../../report/states.js';
import type { Store } from '../../state/store.js';
import { findDaemon } from '../../supervise/init-script/find-daemon.js';
import type { OverrideContext, ReportContext } from '../context.js';
import type { OutputSource } from '../residents/outputs.js';
import { isSettled } from '../residents/resident.js';
import type { Residents } from '../residents/residents.js';
import type { OtherDependencies } from '../residents/start-order.js';
import { type StopNode, stopInOrder } from '../residents/stop-order.js';
import type { Unit } from '../unit.js';
import type { ScriptFacts } from './context.js';
import { ScriptRecords } from './records.js';
import { Script } from './script.js';
import { type ScriptControl, ScriptUnit } from './unit.js';

/** Size of the output file of one script, as of a daemon. */
const OUTPUT_BYTES = 10 * 1024 * 1024;

/** All init scripts of the present plan. */
export class Scripts implements OtherDependencies, ScriptControl {
  private readonly scripts = new Map<string, Script>();
  private readonly records: ScriptRecords;
  private stopping = false;

  constructor(
    private readonly context: ReportContext & OverrideContext,
    private readonly residents: Residents,
    store: Store,
  ) {
    this.records = new ScriptRecords(store, bootId());
    residents.order.others = this;
  }

  get plans(): ScriptPlan[] {
    return [...this.scripts.values()].map(({ plan }) => plan);
  }

  get size(): number {
    return this.scripts.size;
  }

  units(): Unit[] {
    return [...this.scripts.values()].map((script) => new ScriptUnit(script, this));
  }

  get overrides(): OverrideContext['overrides'] {
    return this.context.overrides;
  }

  outputOf(plan: ScriptPlan): string | null {
    return this.residents.outputs.pathOf(outputSource(plan).plan);
  }

  /**
   * Adds scripts, which wait for their start.
   *
   * @returns a function that starts them, each after its dependencies and otherwise at the same time. Call it when the daemons of the same
   * plan are added. It returns at once.
   */
  prepare(plans: readonly ScriptPlan[]): () => void {
    const fresh = plans.map((plan) => this.add(plan)).filter(({ id }) => !this.overrides.stopped.has(id));
    for (const script of fresh) script.wait();
    return () => this.start(fresh);
  }

  private start(fresh: readonly Script[]): void {
    const started = new Map<string, Promise<void>>();
    for (const script of fresh) {
      const earlier = script.plan.after.map(({ id }) => started.get(id) ?? this.residents.settled(id));
      // A failure is reported by the state of the script, and does not keep others from their start.
      started.set(
        script.id,
        Promise.all(earlier)
          .then(() => this.bringUp(script))
          .catch(() => {}),
      );
    }
  }

  /** Applies a new plan. Settles when the scripts that it drops are stopped; `start` starts the new ones. */
  async applyPlans(plans: readonly ScriptPlan[]): Promise<{ added: number; kept: number; dropped: number; start: () => void }> {
    const wanted = new Set(plans.map(({ id }) => id));
    const dropped = [...this.scripts.values()].filter(({ id }) => !wanted.has(id));
    for (const plan of plans) {
      const known = this.scripts.get(plan.id);
      if (known !== undefined) known.plan = plan;
    }
    const added = plans.filter(({ id }) => !this.scripts.has(id));
    const start = this.prepare(added);
    for (const { id } of dropped) this.scripts.delete(id);
    await stopInOrder(dropped.map(stopNode));
    for (const { plan } of dropped) this.residents.outputs.forget(outputSource(plan));
    return { added: added.length, kept: plans.length - added.length, dropped: dropped.length, start };
  }

  /** Warns of daemons of scripts that the plan no longer has. superd leaves them running, since only their script may end them. */
  reportLeftBehind(): void {
    const left = [...this.records.earlier].filter((id) => !this.scripts.has(id));
    const found = left.flatMap((id) => {
      const daemon = findDaemon([], this.variable(id));
      return daemon === null ? [] : [{ id, pid: daemon.pid }];
    });
    if (left.length > 0) this.records.leave(left, new Set(found.map(({ id }) => id)));
    for (const { id, pid } of found)
      this.context.notice(
        'warning',
        `superd no longer runs the init script ${id}, and its daemon still runs (process ${pid}): enable the script, or stop it by hand`,
      );
  }

  /** Starts no more scripts. @returns what stops each of them, before `stop`. */
  stopNodes(): StopNode[] {
    this.stopping = true;
    return [...this.scripts.values()].map(stopNode);
  }

  /** All scripts are stopped. */
  stop(): void {
    this.records.end();
  }

  stateOf(id: string): DaemonState | null {
    return this.scripts.get(id)?.state ?? null;
  }

  startByCommand(id: string): void {
    const script = this.scripts.get(id);
    if (script === undefined) return;
    this.overrides.stopped.delete(id);
    // At once, so that daemons that start after it see that it is on its way.
    if (isSettled(script.state)) script.wait();
    // Its state reports a failure.
    script.start().catch(() => {});
  }

  endDependentsOf(id: string): Promise<void> {
    return this.residents.commands.endDependentsOf(id);
  }

  /** Leaves their daemons running: the next superd adopts them. */
  abandon(): void {
    this.stopping = true;
    for (const script of this.scripts.values()) script.abandon();
  }

  private variable(id: string): string {
    return `SUPERD_SCRIPT=${this.residents.supervise.key}/${id}`;
  }

  private async bringUp(script: Script): Promise<void> {
    if (!this.stopping) await script.bringUp(this.records.mayRun(script.id) ? 'may-run' : 'fresh');
  }

  private add(plan: ScriptPlan): Script {
    const { supervise, outputs } = this.residents;
    const { reaper, inheritance, now, watch, claim, release, exitOf } = supervise;
    const script = new Script(
      {
        reaper,
        inheritance,
        now,
        watch,
        claim,
        release,
        exitOf,
        variable: (id) => this.variable(id),
        output: (of) => outputs.descriptors(outputSource(of)).output,
        drain: (of) => outputs.drain(outputSource(of)),
        changed: (one, from) => this.changed(one, from),
      },
      plan,
    );
    this.scripts.set(plan.id, script);
    return script;
  }

  private changed({ id, state, pid, detail }: ScriptFacts, from: DaemonState): void {
    const { emit, now } = this.context;
    if (state === 'running') this.records.cameUp(id);
    else if (state === 'stopped') this.records.wentDown(id);
    emit({ type: 'daemon-changed', at: now(), service: { id, name: id }, replica: 0, of: 1, from, state, pid, detail });
    if (isSettled(state)) runNext(() => this.residents.recheck());
  }
}

/** The state of the script reports a failure. */
const stopNode = (script: Script): StopNode => ({
  id: script.id,
  after: script.plan.after.map(({ id }) => id),
  end: () => script.stop().catch(() => {}),
});

function outputSource({ id }: ScriptPlan): OutputSource {
  const output = { kind: 'file', path: null, size: OUTPUT_BYTES } as const;
  return { key: `${id}/script`, plan: { id, name: id, output, outputKeep: 1, program: { stderr: 'client' } } };
}
