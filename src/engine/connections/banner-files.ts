import type { Stats } from 'node:fs';
import { readBanner, sendBytes } from './banner.js';

/** The file may be on a server that does not answer. */
const DEADLINE_MS = 5000;

/** A file changed this lately may change again with the same time: file systems count time in steps of some milliseconds. */
const TICK_MS = 100;

/** A configuration has a handful. */
const MAX_TEXTS = 64;

interface Text {
  readonly bytes: Uint8Array;
  readonly stamp: string;
}

/** The banner files of services: read off the event loop, kept, and read again when they have changed. */
export class BannerFiles {
  private readonly texts = new Map<string, Text>();
  private readonly reading = new Map<string, Promise<Uint8Array | null>>();
  private readonly problems = new Map<string, string>();

  /** @param warn Called when a problem with a file begins or changes. */
  constructor(private readonly warn: (problem: string) => void) {}

  /** Sends the file to a client, or as much of it as the client reads in time. Never rejects. */
  async send(path: string, socket: number): Promise<void> {
    const bytes = await this.read(path);
    try {
      if (bytes !== null) await sendBytes(socket, bytes);
    } catch (error) {
      this.report(path, (error as Error).message);
    }
  }

  /** Simultaneous readers of one file share one read. */
  private read(path: string): Promise<Uint8Array | null> {
    const known = this.reading.get(path);
    if (known !== undefined) return known;
    const reading = this.readIfChanged(path).finally(() => this.reading.delete(path));
    const inTime = withDeadline(reading, () => this.report(path, 'it could not be read in time'));
    this.reading.set(path, inTime);
    return inTime;
  }

  private async readIfChanged(path: string): Promise<Uint8Array | null> {
    try {
      const { stat } = await import('node:fs/promises');
      const stats = await stat(path);
      const stamp = stampOf(stats);
      const known = this.texts.get(path);
      if (known !== undefined && known.stamp === stamp) return known.bytes;
      if (!stats.isFile()) throw new Error('not a regular file');
      const bytes = (await readBanner(path)) ?? new Uint8Array();
      this.keep(path, { bytes, stamp: isOldEnough(stats) ? stamp : '' });
      this.problems.delete(path);
      return bytes;
    } catch (error) {
      this.report(path, (error as Error).message);
      return null;
    }
  }

  private keep(path: string, text: Text): void {
    this.texts.delete(path);
    if (this.texts.size >= MAX_TEXTS) this.texts.delete(this.texts.keys().next().value as string);
    this.texts.set(path, text);
  }

  private report(path: string, problem: string): void {
    if (this.problems.get(path) === problem) return;
    if (this.problems.size >= MAX_TEXTS) this.problems.clear();
    this.problems.set(path, problem);
    this.warn(`banner ${path}: ${problem}; clients do without it`);
  }
}

const stampOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats) => [dev, ino, size, mtimeMs, ctimeMs].join(' ');
const isOldEnough = ({ mtimeMs, ctimeMs }: Stats) => Math.abs(Date.now() - Math.max(mtimeMs, ctimeMs)) > TICK_MS;

async function withDeadline(reading: Promise<Uint8Array | null>, late: () => void): Promise<Uint8Array | null> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      late();
      resolve(null);
    }, DEADLINE_MS);
  });
  return Promise.race([reading, deadline]).finally(() => clearTimeout(timer));
}
