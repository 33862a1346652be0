import type { ScriptPlan } from '../../config/plan.js';
import { bootId } from '../../os/proc.js';
import type { DaemonState } from '../../report/states.js';
import type { Store } from '../../state/store.js';
import { findDaemon } from '../../supervise/init-script/find-daemon.js';
import type { OverrideContext, ReportContext } from '../context.js';
import type { Others } from '../residents/order.js';
import type { Speaker } from '../residents/outputs.js';
import { isSettled } from '../residents/resident.js';
import type { Residents } from '../residents/residents.js';
import { lastFirst, type StopNode } from '../residents/stop-order.js';
import type { Unit } from '../unit.js';
import type { ScriptFacts } from './context.js';
import { ScriptRecords } from './records.js';
import { Script } from './script.js';
import { type ScriptControl, ScriptUnit } from './unit.js';

/** What the output of one script may come to: that of daemons. */
const OUTPUT_BYTES = 10 * 1024 * 1024;

/** All init scripts, under one plan at a time. */
export class Scripts implements Others, ScriptControl {
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
    return this.residents.outputs.pathOf(speaker(plan).plan);
  }

  /**
   * Has these wait for their start.
   *
   * @returns what starts each after what it is to come after, and what can be at the same time; for when the daemons of the same plan are
   * there. It returns at once.
   */
  prepare(plans: readonly ScriptPlan[]): () => void {
    const fresh = plans.map((plan) => this.add(plan)).filter(({ id }) => !this.overrides.stopped.has(id));
    for (const script of fresh) script.wait();
    return () => this.start(fresh);
  }

  private start(fresh: readonly Script[]): void {
    const over = new Map<string, Promise<void>>();
    for (const script of fresh) {
      const earlier = script.plan.after.map(({ id }) => over.get(id) ?? this.residents.settled(id));
      // What fails has been told, and spoils nothing for the others.
      over.set(
        script.id,
        Promise.all(earlier)
          .then(() => this.bringUp(script))
          .catch(() => {}),
      );
    }
  }

  /** Goes over to another plan; settles when what was dropped has been stopped. `start` starts what is new. */
  async reload(plans: readonly ScriptPlan[]): Promise<{ added: number; kept: number; dropped: number; start: () => void }> {
    const wanted = new Set(plans.map(({ id }) => id));
    const dropped = [...this.scripts.values()].filter(({ id }) => !wanted.has(id));
    for (const plan of plans) {
      const known = this.scripts.get(plan.id);
      if (known !== undefined) known.plan = plan;
    }
    const added = plans.filter(({ id }) => !this.scripts.has(id));
    const start = this.prepare(added);
    for (const { id } of dropped) this.scripts.delete(id);
    await lastFirst(dropped.map(ending));
    for (const { plan } of dropped) this.residents.outputs.forget(speaker(plan));
    return { added: added.length, kept: plans.length - added.length, dropped: dropped.length, start };
  }

  /**
   * Tells of daemons that the superd before had started by scripts which this one does not run. They are left as they are: what ends a
   * script's daemon is the script, and superd runs none that it is not told to run.
   */
  tellLeftBehind(): void {
    const left = [...this.records.earlier].filter((id) => !this.scripts.has(id));
    const found = left.flatMap((id) => {
      const pid = findDaemon([], this.variable(id));
      return pid === 0 ? [] : [{ id, pid }];
    });
    if (left.length > 0) this.records.leave(left, new Set(found.map(({ id }) => id)));
    for (const { id, pid } of found)
      this.context.notice(
        'warning',
        `superd no longer runs the init script ${id}, and its daemon goes on (process ${pid}): enable it, or end it by the script itself`,
      );
  }

  /** Begins to stop: what is to be stopped, before `stop`. */
  endings(): StopNode[] {
    this.stopping = true;
    return [...this.scripts.values()].map(ending);
  }

  /** All have been stopped. */
  stop(): void {
    this.records.end();
  }

  stateOf(id: string): DaemonState | null {
    return this.scripts.get(id)?.state ?? null;
  }

  startByHand(id: string): void {
    const script = this.scripts.get(id);
    if (script === undefined) return;
    this.overrides.stopped.delete(id);
    // Whoever asks whether it is worth waiting is to know at once.
    if (isSettled(script.state)) script.wait();
    // What fails is told by its state.
    script.start().catch(() => {});
  }

  /** Ends those daemons that cannot be without it. */
  endNeeding(id: string): Promise<void> {
    return this.residents.byHand.endNeeding(id);
  }

  /** Leaves their daemons to themselves. */
  abandon(): void {
    this.stopping = true;
    for (const script of this.scripts.values()) script.abandon();
  }

  private variable(id: string): string {
    return `SUPERD_SCRIPT=${this.residents.supervise.key}/${id}`;
  }

  private async bringUp(script: Script): Promise<void> {
    if (!this.stopping) await script.bringUp(this.records.ran(script.id) ? 'may-run' : 'fresh');
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
        output: (of) => outputs.descriptors(speaker(of)).output,
        drain: (of) => outputs.drain(speaker(of)),
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
    if (isSettled(state)) queueMicrotask(() => this.residents.lookAround());
  }
}

/** What fails has been told. */
const ending = (script: Script): StopNode => ({
  id: script.id,
  after: script.plan.after.map(({ id }) => id),
  end: () => script.stop().catch(() => {}),
});

function speaker({ id }: ScriptPlan): Speaker {
  const output = { kind: 'file', path: null, size: OUTPUT_BYTES } as const;
  return { key: `${id}/script`, plan: { id, name: id, output, outputKeep: 1, program: { stderr: 'client' } } };
}
