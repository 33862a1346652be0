import { closeSync, readSync } from 'node:fs';
import { pipeCopy, pipeOpen } from '../../os/descriptor.js';

/** Less than a log file takes in one write. */
const CHUNK = 32_768;
/** The bytes that `removeBytes` removes. */
const ignored = Buffer.allocUnsafeSlow(CHUNK);

/**
 * Reads pipes without emptying them. All instances share one, since superd reads them one after the other.
 *
 * The daemon can read its end too, and decides what the pipe contains: packets (O_DIRECT), or pages of a file that cannot be read (splice(2)).
 * `parts` must be empty between two daemons: whatever remained of one would appear in the output of the next.
 */
export class PipePeek {
  private parts: { readonly bytes: Buffer; readonly read: number; readonly write: number } | null = null;

  /**
   * @returns The contents of the pipe, which stay in it; valid until the next call.
   * @throws SystemError, or an error of fs, when the contents cannot be read.
   */
  look(fd: number): Buffer {
    this.parts ??= roomParts();
    const { bytes, read, write } = this.parts;
    try {
      const copied = pipeCopy(fd, write, CHUNK);
      if (take(read, bytes, copied) < copied) throw new Error('bytes of a copied pipe are missing');
      return bytes.subarray(0, copied);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.parts === null) return;
    closeSync(this.parts.read);
    closeSync(this.parts.write);
    this.parts = null;
  }
}

/** Removes bytes from a pipe. */
export function removeBytes(fd: number, count: number): void {
  take(fd, ignored, count);
}

function roomParts() {
  const [read, write] = pipeOpen();
  return { bytes: Buffer.allocUnsafeSlow(CHUNK), read, write };
}

/**
 * Removes bytes from a pipe; a read(2) of one that holds packets ends with each of them.
 *
 * @returns How many it removed: fewer than wanted when another process reads the pipe as well.
 */
function take(fd: number, room: Buffer, wanted: number): number {
  let taken = 0;
  try {
    while (taken < wanted) {
      const count = readSync(fd, room, taken, wanted - taken, null);
      if (count === 0) break;
      taken += count;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return taken;
}
