import { lstatSync, renameSync, rmSync, type Stats } from 'node:fs';

/** Runs one job after another, so that only one generation is compressed at a time (about 300 KiB of memory). */
export type Serially = (job: () => Promise<void>) => void;

export function createSerially(): Serially {
  let tail = Promise.resolve();
  return (job) => {
    tail = tail.then(job);
  };
}

/** Share of a generation that is reserved for its compressed form meanwhile; logs need about a tenth. */
const RESERVE = 1 / 2;

/**
 * The older generations of one log: `path.1.gz` is the newest, `path.<keep>.gz` the oldest; without `.gz` if compression failed.
 * `path.1.gz.tmp` is the one being written.
 */
export class Generations {
  #bytes = 0;
  #busy = false;

  /**
   * @param hard Size limit in bytes of the log and of each generation; Infinity is no limit.
   * @param keep Number of generations; 0 for a log that is never rotated.
   * @param onIdle Called after each compression, when there may be more room.
   */
  constructor(
    readonly path: string,
    private hard: number,
    private keep: number,
    private readonly serially: Serially,
    private readonly onIdle: () => void,
  ) {
    this.measure();
  }

  limit(hard: number, keep: number): void {
    this.hard = hard;
    this.keep = keep;
    this.measure();
  }

  /** Whether a compression is running; `rotate` has to wait for it. */
  get busy(): boolean {
    return this.#busy;
  }

  /** The size that the log itself may have now, so that all files together stay within hard × (keep + 1). */
  get room(): number {
    return Math.min(this.hard, this.hard * (this.keep + 1) - this.#bytes);
  }

  /**
   * Renames the log to the first generation and each older one to the next, removes the oldest, and starts the compression.
   *
   * @throws The error of rename(2); the log then still has its name.
   */
  rotate(): void {
    try {
      this.#shift();
    } finally {
      this.measure();
    }
    const stats = lstatSync(this.#name(1, ''));
    const reserve = Math.ceil(Math.min(stats.size, this.hard) * RESERVE);
    this.#bytes += reserve;
    this.#busy = true;
    this.serially(() => this.#compress(stats, reserve));
  }

  #shift(): void {
    for (const suffix of ['.gz', '']) rmSync(this.#name(this.keep, suffix), { force: true });
    rmSync(this.#temporary, { force: true });
    for (let n = this.keep - 1; n >= 1; n--) {
      for (const suffix of ['.gz', '']) renameIfThere(this.#name(n, suffix), this.#name(n + 1, suffix));
    }
    renameSync(this.path, this.#name(1, ''));
  }

  async #compress(source: Stats, most: number): Promise<void> {
    try {
      // Loaded on demand: the modules cost half a megabyte.
      const { compressFile } = await import('./compress.js');
      await compressFile(this.#name(1, ''), this.#temporary, source, most);
      renameSync(this.#temporary, this.#name(1, '.gz'));
      rmSync(this.#name(1, ''), { force: true });
    } catch {
      // No space, no permission, or too little gain: the generation stays uncompressed, within its limit.
      removeQuietly(this.#temporary);
    }
    this.#busy = false;
    this.measure();
    this.onIdle();
  }

  /** Measures the files again. A file that exceeded a new limit counts as `hard`, and is kept until it is the oldest. */
  measure(): void {
    if (this.#busy || this.hard === Number.POSITIVE_INFINITY) return;
    let bytes = sizeOf(this.#temporary);
    for (let n = 1; n <= this.keep; n++) bytes += Math.min(this.hard, sizeOf(this.#name(n, '')) + sizeOf(this.#name(n, '.gz')));
    this.#bytes = bytes;
  }

  get #temporary(): string {
    return this.#name(1, '.gz.tmp');
  }

  #name(n: number, suffix: string): string {
    return `${this.path}.${n}${suffix}`;
  }
}

function sizeOf(path: string): number {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

function renameIfThere(from: string, to: string): void {
  if (lstatSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Measured with the rest, and removed at the next rotation.
  }
}
