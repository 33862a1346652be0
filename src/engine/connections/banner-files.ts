import { runLater } from '../../guarded.js';
import { awaitFileTask, readingStart } from '../../os/open-safely.js';
import { sendBytes } from './banner.js';

/** superd sends at most so much of a file. */
const MAX_BYTES = 64 * 1024;

/** The file may be on a server that does not answer. */
const DEADLINE_MS = 5000;

/** A configuration has a handful. */
const MAX_PROBLEMS = 64;

/**
 * The banner files of services and access rules. superd reads a file for each client, off the event loop, and below a directory of another user
 * with the rights of that user, so that a symbolic link cannot show clients a file of root.
 */
export class BannerFiles {
  private readonly reading = new Map<string, Promise<Uint8Array | null>>();
  private readonly problems = new Map<string, string>();

  /** @param warn Called when a problem with a file begins or changes. */
  constructor(private readonly warn: (problem: string) => void) {}

  /** Sends the file to a client, or as much of it as the client reads in time. Reports a missing file; never rejects. */
  async send(path: string, socket: number): Promise<void> {
    try {
      const bytes = await this.read(path);
      if (bytes !== null) await sendBytes(socket, bytes);
      else if (!this.problems.has(path)) this.report(path, 'no such file');
    } catch (error) {
      this.report(path, (error as Error).message);
    }
  }

  /** The file; null when there is none, or when superd cannot read it, which it reports. Simultaneous readers of one file share one read. */
  read(path: string): Promise<Uint8Array | null> {
    const known = this.reading.get(path);
    if (known !== undefined) return known;
    const reading = this.readNow(path).finally(() => this.reading.delete(path));
    const inTime = withDeadline(reading, () => this.report(path, 'it could not be read in time'));
    this.reading.set(path, inTime);
    return inTime;
  }

  private async readNow(path: string): Promise<Uint8Array | null> {
    try {
      const file = await awaitFileTask(readingStart(path, MAX_BYTES, 'trusted'));
      if (file !== null) this.problems.delete(path);
      return file === null ? null : file.bytes;
    } catch (error) {
      this.report(path, (error as Error).message);
      return null;
    }
  }

  private report(path: string, problem: string): void {
    if (this.problems.get(path) === problem) return;
    if (this.problems.size >= MAX_PROBLEMS) this.problems.clear();
    this.problems.set(path, problem);
    this.warn(`banner ${path}: ${problem}; clients do without it`);
  }
}

async function withDeadline(reading: Promise<Uint8Array | null>, late: () => void): Promise<Uint8Array | null> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<null>((resolve) => {
    timer = runLater(() => {
      late();
      resolve(null);
    }, DEADLINE_MS);
  });
  return Promise.race([reading, deadline]).finally(() => clearTimeout(timer));
}
