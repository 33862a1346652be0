/** How often a value fell into which range: so many numbers, however many values. */
export class Histogram {
  /** Of values up to each bound that are above the bound before; the last counts what is above them all. */
  readonly counts: number[];
  sum = 0;
  count = 0;

  /** @param bounds Ascending upper bounds, each belonging to its range; in the unit of the values. */
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

/** Seconds of a session: from a server that answers at once to one that stays for days. */
export const SESSION_SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 21_600, 86_400] as const;

/** Seconds from the order to start a program until it runs: half a millisecond is usual, two seconds are the end of superd's patience. */
export const SPAWN_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/** Seconds that a timer came late; below a millisecond the kernel's own rounding is measured. */
export const DELAY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;
