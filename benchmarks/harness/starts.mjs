import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

const RECORD = 24;

/** Reads from a FIFO which daemons of load/resident.c have begun: `{pid, at}`, `at` in milliseconds of the clock of `now`. */
export class Starts {
  #reported = [];
  #partial = Buffer.alloc(0);
  #wake = () => {};

  constructor(path) {
    execFileSync('mkfifo', [path]);
    // Open for writing too: a mere reader would see end of file whenever no daemon has the FIFO open.
    this.socket = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
    this.socket.on('data', (chunk) => this.#take(chunk));
  }

  /** The next `count` daemons, in the order in which they reported. */
  async next(count, patienceMs) {
    const deadline = now() + patienceMs;
    while (this.#reported.length < count) {
      const patience = deadline - now();
      if (patience <= 0) throw new Error(`${this.#reported.length} of ${count} daemons were started within ${patienceMs / 1000} s`);
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, patience).unref();
      });
    }
    return this.#reported.splice(0, count);
  }

  close() {
    this.socket.destroy();
  }

  #take(chunk) {
    this.#partial = Buffer.concat([this.#partial, chunk]);
    for (; this.#partial.length >= RECORD; this.#partial = this.#partial.subarray(RECORD)) {
      const [pid, seconds, nanoseconds] = [0, 8, 16].map((at) => Number(this.#partial.readBigInt64LE(at)));
      this.#reported.push({ pid, at: seconds * 1000 + nanoseconds / 1e6 });
    }
    this.#wake();
  }
}

/** CLOCK_MONOTONIC in milliseconds, the same in every process. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}
