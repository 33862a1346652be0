import type { Stats } from 'node:fs';
import { readBanner, sendBytes } from './banner.js';

/** Longer nobody waits for a file, which may lie on a server that does not answer. */
const DEADLINE_MS = 5000;

/** A file changed so lately may change again and show the same time: clocks of file systems tick every few milliseconds. */
const TICK_MS = 100;

/** More texts are not kept; a configuration has a handful. */
const MOST_TEXTS = 64;

interface Text {
  readonly bytes: Uint8Array;
  readonly stamp: string;
}

/** The files that services send to their clients, read off the loop, and again when they have changed. */
export class BannerFiles {
  private readonly texts = new Map<string, Text>();
  private readonly reading = new Map<string, Promise<Uint8Array | null>>();
  private readonly problems = new Map<string, string>();

  /** @param warn Hears once what is wrong with a file, and again when it is something else. */
  constructor(private readonly warn: (problem: string) => void) {}

  /** Sends the file to a client, or as much as the client takes in time. Never rejects. */
  async send(path: string, socket: number): Promise<void> {
    const bytes = await this.read(path);
    try {
      if (bytes !== null) await sendBytes(socket, bytes);
    } catch (error) {
      this.report(path, (error as Error).message);
    }
  }

  /** All who want it at the same time share one look at it. */
  private read(path: string): Promise<Uint8Array | null> {
    const looking = this.reading.get(path);
    if (looking !== undefined) return looking;
    const readIfChanged = this.look(path).finally(() => this.reading.delete(path));
    const patient = withDeadline(readIfChanged, () => this.report(path, 'it could not be read in time'));
    this.reading.set(path, patient);
    return patient;
  }

  private async look(path: string): Promise<Uint8Array | null> {
    try {
      const { stat } = await import('node:fs/promises');
      const stats = await stat(path);
      const stamp = stampOf(stats);
      const known = this.texts.get(path);
      if (known !== undefined && known.stamp === stamp) return known.bytes;
      if (!stats.isFile()) throw new Error('it is no regular file');
      const bytes = (await readBanner(path)) ?? new Uint8Array();
      this.keep(path, { bytes, stamp: hasCooled(stats) ? stamp : '' });
      this.problems.delete(path);
      return bytes;
    } catch (error) {
      this.report(path, (error as Error).message);
      return null;
    }
  }

  private keep(path: string, text: Text): void {
    this.texts.delete(path);
    if (this.texts.size >= MOST_TEXTS) this.texts.delete(this.texts.keys().next().value as string);
    this.texts.set(path, text);
  }

  private report(path: string, problem: string): void {
    if (this.problems.get(path) === problem) return;
    if (this.problems.size >= MOST_TEXTS) this.problems.clear();
    this.problems.set(path, problem);
    this.warn(`banner ${path}: ${problem}; clients do without it`);
  }
}

const stampOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats) => [dev, ino, size, mtimeMs, ctimeMs].join(' ');
const hasCooled = ({ mtimeMs, ctimeMs }: Stats) => Math.abs(Date.now() - Math.max(mtimeMs, ctimeMs)) > TICK_MS;

async function withDeadline(look: Promise<Uint8Array | null>, late: () => void): Promise<Uint8Array | null> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      late();
      resolve(null);
    }, DEADLINE_MS);
  });
  return Promise.race([look, deadline]).finally(() => clearTimeout(timer));
}
