import type { PendingApply, ProvisionalApplyEnd } from '../control/control-context.js';
import { runLater } from '../guarded.js';

interface ApplyEnds {
  readonly confirm: () => Promise<void>;
  readonly rollBack: () => Promise<void>;
}

/** One apply that superd rolls back at its deadline unless the operator confirms it. Sessions that it would end live on meanwhile. */
export class ProvisionalApply implements PendingApply {
  private readonly timer: NodeJS.Timeout;
  private ending: Promise<ProvisionalApplyEnd> | null = null;
  private resolve: (end: ProvisionalApplyEnd) => void = () => {};
  private reject: (error: unknown) => void = () => {};

  /** Settles when the apply has ended and everything that follows from it is done. */
  readonly ended = new Promise<ProvisionalApplyEnd>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  /** @param deadline Milliseconds since the epoch, for display. */
  constructor(
    ms: number,
    readonly deadline: number,
    private readonly ends: ApplyEnds,
  ) {
    this.timer = runLater(() => this.rollBack(), ms);
    // The client that started it may have left: a rejection must not end superd.
    this.ended.catch(() => {});
  }

  get isPending(): boolean {
    return this.ending === null;
  }

  /** The first call of `confirm`, `rollBack` or `supersede` decides; the others return its result. */
  confirm(): Promise<ProvisionalApplyEnd> {
    return this.end('confirmed', this.ends.confirm);
  }

  rollBack(): Promise<ProvisionalApplyEnd> {
    return this.end('rolled-back', this.ends.rollBack);
  }

  /** Confirms it from within another change: `confirm` would wait for that change's end. */
  supersede(finish: () => Promise<void>): Promise<ProvisionalApplyEnd> {
    return this.end('confirmed', finish);
  }

  private end(how: ProvisionalApplyEnd, act: () => Promise<void>): Promise<ProvisionalApplyEnd> {
    if (this.ending !== null) return this.ended;
    clearTimeout(this.timer);
    this.ending = act().then(() => how);
    this.ending.then(this.resolve, this.reject);
    return this.ended;
  }
}
