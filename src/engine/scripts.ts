import type { ScriptPlan } from '../config/plan.js';
import type { Store } from '../state/store.js';
import { bootId } from '../supervise/proc.js';
import type { Speaker } from './residents/outputs.js';
import type { Residents } from './residents.js';
import type { Runtime } from './runtime.js';
import { ScriptRecords } from './scripts/records.js';
import { Script } from './scripts/script.js';
import { ScriptUnit } from './scripts/unit.js';
import type { Unit } from './unit.js';

/** What the output of one script may come to: that of daemons. */
const OUTPUT_BYTES = 10 * 1024 * 1024;

/** All init scripts, under one plan at a time. */
export class Scripts {
  private readonly scripts = new Map<string, Script>();
  private readonly records: ScriptRecords;
  private stopping = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly residents: Residents,
    store: Store,
  ) {
    this.records = new ScriptRecords(store, bootId());
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

  isHeld(id: string): boolean {
    return this.records.isStopped(id);
  }

  outputOf(plan: ScriptPlan): string | null {
    return this.residents.outputs.pathOf(speaker(plan).plan);
  }

  /** Starts each after what it is to come after, and what can be at the same time. Returns at once. */
  start(plans: readonly ScriptPlan[]): void {
    const fresh = plans.map((plan) => this.add(plan)).filter(({ id }) => !this.records.isStopped(id));
    const over = new Map<string, Promise<void>>();
    for (const script of fresh) script.wait();
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

  /** Goes over to another plan; settles when what was dropped has been stopped. */
  async reload(plans: readonly ScriptPlan[]): Promise<{ added: number; kept: number; dropped: number }> {
    const wanted = new Set(plans.map(({ id }) => id));
    const dropped = [...this.scripts.values()].filter(({ id }) => !wanted.has(id));
    for (const plan of plans) {
      const known = this.scripts.get(plan.id);
      if (known !== undefined) known.plan = plan;
    }
    const added = plans.filter(({ id }) => !this.scripts.has(id));
    this.start(added);
    for (const { id } of dropped) this.scripts.delete(id);
    await this.stopAll(dropped);
    for (const { plan } of dropped) this.residents.outputs.forget(speaker(plan));
    return { added: added.length, kept: plans.length - added.length, dropped: dropped.length };
  }

  /** Stops all, each after those that were started after it. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.stopAll([...this.scripts.values()]);
    this.records.end();
  }

  /** Leaves their daemons to themselves. */
  abandon(): void {
    this.stopping = true;
    for (const script of this.scripts.values()) script.abandon();
  }

  /** Keeps what an operator has said. */
  hold(id: string, stopped: boolean): void {
    this.records.hold(id, stopped);
  }

  private async stopAll(scripts: readonly Script[]): Promise<void> {
    const ended = new Map<string, Promise<void>>();
    const end = (script: Script): Promise<void> => {
      const known = ended.get(script.id);
      if (known !== undefined) return known;
      const later = scripts.filter(({ plan }) => plan.after.some(({ id }) => id === script.id));
      const ending = Promise.all(later.map(end)).then(() => script.stop().catch(() => {}));
      ended.set(script.id, ending);
      return ending;
    };
    await Promise.all(scripts.map(end));
  }

  private async bringUp(script: Script): Promise<void> {
    if (this.stopping || script.state !== 'waiting') return;
    if (this.records.ran(script.id) && (await script.takeOver())) return;
    if (!this.stopping) await script.start();
  }

  private add(plan: ScriptPlan): Script {
    const { ground, outputs } = this.residents;
    const { reaper, inheritance, now, watch, claim, release, exitOf, key } = ground;
    const script = new Script(
      {
        reaper,
        inheritance,
        now,
        watch,
        claim,
        release,
        exitOf,
        variable: (id) => `SUPERD_SCRIPT=${key}/${id}`,
        output: (of) => outputs.descriptors(speaker(of)).output,
        drain: (of) => outputs.drain(speaker(of)),
        changed: (one, from) => this.changed(one, from),
      },
      plan,
    );
    this.scripts.set(plan.id, script);
    return script;
  }

  private changed({ id, state, pid, detail }: Script, from: Script['state']): void {
    const { emit, now } = this.runtime;
    if (state === 'up' || state === 'down') this.records.keep(id, state === 'up');
    emit({ type: 'daemon-changed', at: now(), service: { id, name: id }, replica: 0, of: 1, from, state, pid, detail });
  }
}

function speaker({ id }: ScriptPlan): Speaker {
  const output = { kind: 'file', path: null, size: OUTPUT_BYTES } as const;
  return { key: `${id}/script`, plan: { id, name: id, output, outputKeep: 1, program: { stderr: 'client' } } };
}
