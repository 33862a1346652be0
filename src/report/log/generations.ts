import { lstatSync, renameSync, rmSync, type Stats } from 'node:fs';

/** Runs one thing after another: however many logs rotate at once, one is compressed at a time (about 300 KiB of memory). */
export type Serially = (job: () => Promise<void>) => void;

export function createSerially(): Serially {
  let tail = Promise.resolve();
  return (job) => {
    tail = tail.then(job);
  };
}

/** While a generation is compressed this part of its size is set aside for the result; logs take a tenth. */
const RESERVE = 1 / 2;

/**
 * The older generations of one log: `path.1.gz` is the newest, `path.<keep>.gz` the oldest; without `.gz` where compressing
 * has not been possible. `path.1.gz.tmp` is the one being made.
 */
export class Generations {
  #bytes = 0;
  #busy = false;

  /**
   * @param hard Bytes that the log, and each generation, may have; Infinity is no limit.
   * @param keep Generations; 0 is for a log that is never rotated.
   * @param onIdle Called when a compression has ended: there may be more room.
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

  /** A compression is under way: `rotate` has to wait. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Bytes that the log itself may have now, so that all files together stay within hard × (keep + 1). */
  get room(): number {
    return Math.min(this.hard, this.hard * (this.keep + 1) - this.#bytes);
  }

  /**
   * Makes the log the first generation, every older one a step older, drops the oldest, and starts compressing.
   *
   * @throws the error of rename(2); the log is then still where it was.
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
      // Loaded when there is something to compress: the modules behind it cost half a megabyte.
      const { compressFile } = await import('./compress.js');
      await compressFile(this.#name(1, ''), this.#temporary, source, most);
      renameSync(this.#temporary, this.#name(1, '.gz'));
      rmSync(this.#name(1, ''), { force: true });
    } catch {
      // No space, no right, or it does not get smaller: it stays as it is, within its bounds.
      removeQuietly(this.#temporary);
    }
    this.#busy = false;
    this.measure();
    this.onIdle();
  }

  /** Looks at the files anew. Those that were larger before there was a limit count as `hard`: they are kept until their turn comes. */
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
    // It is measured with the rest, and tried again at the next rotation.
  }
}
