/** Random choices, repeatable by seed (mulberry32). */
export class Dice {
  constructor(private state: number) {}

  /** An integer from 0 to `sides` − 1. */
  roll(sides: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  }

  /** True about once in `n` times. */
  oneIn(n: number): boolean {
    return this.roll(n) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)] as T;
  }

  /** An entry, chosen by weight. */
  weighted<T>(entries: readonly (readonly [weight: number, make: () => T])[]): T {
    let rest = this.roll(entries.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, make] of entries) {
      if (rest < weight) return make();
      rest -= weight;
    }
    throw new Error('unreachable');
  }

  times<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.roll(most - least + 1) }, make);
  }
}
