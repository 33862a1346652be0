/** Counts values by range, in constant memory. */
export class Histogram {
  /** Values up to each bound and above the bound before; the last counts values above all bounds. */
  readonly counts: number[];
  sum = 0;
  count = 0;

  /** @param bounds Ascending inclusive upper bounds, in the unit of the values. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds } = this;
    let i = 0;
    while (i < bounds.length && value > (bounds[i] as number)) i++;
    (this.counts[i] as number)++;
    this.sum += value;
    this.count++;
  }
}

/** Seconds of a session, from an immediate answer to days. */
export const SESSION_SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 21_600, 86_400] as const;

/** Seconds from queueing a start until the program runs: usually half a millisecond, at most two seconds. */
export const SPAWN_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/** Seconds by which a timer was late; below a millisecond this measures the kernel's rounding. */
export const DELAY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;
