import { runLater } from '../../guarded.js';
import { awaitFileTask, compressing, type FileTask, moving, type Ownership, sizesOf } from '../../os/open-safely.js';
import { compressor } from './compressor.js';

/** Runs one job after another, so that only one generation is compressed at a time. A job that takes longer than 5 s delays the next one no more. */
export type Serially = (job: () => Promise<void>) => void;

const SLOW_JOB_MS = 5000;

export function createSerially(): Serially {
  let last = Promise.resolve();
  return (job) => {
    const run = () => Promise.race([job(), new Promise<void>((settle) => runLater(settle, SLOW_JOB_MS).unref())]);
    last = last.then(run, run);
  };
}

/** Share of a generation that is reserved for its compressed form meanwhile; logs need about a tenth. */
const RESERVE = 1 / 2;

/** A compression may take a minute, and a second more for each MiB; one that takes longer is killed. */
const COMPRESS_MS = 60_000;
const COMPRESS_BYTES_PER_MS = 1024;

/**
 * The older generations of one log: `path.1.gz` is the newest, `path.<keep>.gz` the oldest; without `.gz` if compression failed.
 * `path.1.gz.tmp` is the one being written.
 */
export class Generations {
  #bytes = 0;
  #isMeasured = false;
  #isCompressing = false;
  /** The generation that was just rotated to `path.1`, until its compression starts. */
  #rotated: { readonly file: string; readonly size: number } | null = null;

  /**
   * @param path Without symbolic links.
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
  ) {}

  /** Takes over new limits. */
  limit(hard: number, keep: number): void {
    this.hard = hard;
    this.keep = keep;
    this.forget();
  }

  /** Whether a compression is running; a rotation has to wait for it. */
  get isBusy(): boolean {
    return this.#isCompressing;
  }

  /** Whether `room` is known; if not, carry out `measuring`. */
  get isMeasured(): boolean {
    return this.#isMeasured || this.#isCompressing || this.hard === Number.POSITIVE_INFINITY;
  }

  /** The files may have changed: `room` is unknown until they are measured again. */
  forget(): void {
    this.#isMeasured = false;
  }

  /** The size that the log itself may have now, so that all files together stay within hard × (keep + 1). */
  get room(): number {
    return Math.min(this.hard, this.hard * (this.keep + 1) - this.#bytes);
  }

  /** A task whose result is for `measured`. */
  measuring(): FileTask<readonly number[]> {
    return sizesOf(this.path, [this.#draft, ...this.#numbers.flatMap((n) => [this.#name(n, ''), this.#name(n, '.gz')])]);
  }

  /** Notes the sizes, and compresses what was rotated. A file that exceeded a new limit counts as `hard`, and is kept until it is the oldest. */
  measured([draft = 0, ...sizes]: readonly number[]): void {
    this.#bytes = this.#numbers.reduce((sum, _, i) => sum + Math.min(this.hard, (sizes[2 * i] ?? 0) + (sizes[2 * i + 1] ?? 0)), draft);
    this.#isMeasured = true;
    if (this.#rotated !== null) this.#compress(this.#rotated);
    this.#rotated = null;
  }

  /** A task that renames the log to the first generation and each older one to the next, and removes the oldest. Its result is for `rotated`. */
  rotating(file: string): FileTask<Ownership & { readonly size: number }> {
    const older = this.#numbers.slice(0, -1).reverse();
    return moving(this.path, file, [
      ...['.gz', ''].map((suffix) => [this.#name(this.keep, suffix), null] as const),
      [this.#draft, null],
      ...older.flatMap((n) => ['.gz', ''].map((suffix) => [this.#name(n, suffix), this.#name(n + 1, suffix)] as const)),
      [this.#base, this.#name(1, '')],
    ]);
  }

  /** Notes a rotation; `measured` starts the compression. */
  rotated(file: string, size: number): void {
    this.#rotated = { file, size };
    this.forget();
  }

  #compress({ file, size }: { readonly file: string; readonly size: number }): void {
    const reserve = Math.ceil(Math.min(size, this.hard) * RESERVE);
    this.#bytes += reserve;
    this.#isCompressing = true;
    this.serially(async () => {
      try {
        await awaitFileTask(
          compressing({
            path: `${this.path}.1`,
            file,
            draft: this.#draft,
            target: this.#name(1, '.gz'),
            program: compressor(),
            most: reserve,
            milliseconds: COMPRESS_MS + size / COMPRESS_BYTES_PER_MS,
          }),
        );
      } catch {
        // No space, no permission, or too little gain: the generation stays uncompressed, within its limit.
      }
      this.#isCompressing = false;
      this.forget();
      this.onIdle();
    });
  }

  get #numbers(): readonly number[] {
    return Array.from({ length: this.keep }, (_, i) => i + 1);
  }

  get #base(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  get #draft(): string {
    return this.#name(1, '.gz.tmp');
  }

  #name(n: number, suffix: string): string {
    return `${this.#base}.${n}${suffix}`;
  }
}
