/** How a trial came to its end. */
export type TrialEnd = 'confirmed' | 'rolled-back';

interface ApplyEnds {
  readonly confirm: () => Promise<void>;
  readonly rollBack: () => Promise<void>;
}

/** A new configuration that runs until somebody says that it may stay, or the time is over. What it would end lives on meanwhile. */
export class Trial {
  private readonly timer: NodeJS.Timeout;
  private ending: Promise<TrialEnd> | null = null;
  private resolve: (end: TrialEnd) => void = () => {};
  private reject: (error: unknown) => void = () => {};

  /** Settles when it has ended and everything that belongs to that is done. */
  readonly ended = new Promise<TrialEnd>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  /** @param deadline Milliseconds since the epoch, for people. */
  constructor(
    ms: number,
    readonly deadline: number,
    private readonly ends: ApplyEnds,
  ) {
    this.timer = setTimeout(() => this.rollBack(), ms);
    // Whoever started it may have left.
    this.ended.catch(() => {});
  }

  get isPending(): boolean {
    return this.ending === null;
  }

  /** Whoever is first decides; everybody learns how it ended. */
  confirm(): Promise<TrialEnd> {
    return this.end('confirmed', this.ends.confirm);
  }

  rollBack(): Promise<TrialEnd> {
    return this.end('rolled-back', this.ends.rollBack);
  }

  /** Confirmed from within the turn of another change. */
  supersede(finish: () => Promise<void>): Promise<TrialEnd> {
    return this.end('confirmed', finish);
  }

  private end(how: TrialEnd, act: () => Promise<void>): Promise<TrialEnd> {
    if (this.ending !== null) return this.ended;
    clearTimeout(this.timer);
    this.ending = act().then(() => how);
    this.ending.then(this.resolve, this.reject);
    return this.ended;
  }
}
