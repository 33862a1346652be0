import { constants, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { monotonicMs } from '../../clock.js';
import { setNonblocking } from '../../os/socket.js';

/** superd sends no more of a file, and waits no longer for a client that does not read. */
const MAX_BYTES = 64 * 1024;
const DEADLINE_MS = 5000;
const RETRY_MS = 20;

/** Reads a banner file; null when it does not exist. @throws when its directory does not exist either. */
export async function readBanner(path: string): Promise<Uint8Array | null> {
  const { open, stat } = await import('node:fs/promises');
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, null);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await stat(dirname(path));
    return null;
  }
}

/** Sends bytes to a client, or as many as it reads in time. Leaves the socket blocking. A client that has gone is no error. */
export async function sendBytes(socket: number, bytes: Uint8Array): Promise<void> {
  const deadline = monotonicMs() + DEADLINE_MS;
  setNonblocking(socket, true);
  try {
    for (let sent = 0; sent < bytes.length && monotonicMs() < deadline; ) {
      const written = transfer(() => writeSync(socket, bytes, sent));
      if (written === 'gone') return;
      if (written === 'busy') await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      else sent += written;
    }
  } finally {
    setNonblocking(socket, false);
  }
}

/** Discards what the client has sent: closing the socket over unread bytes would reset the connection, and lose what superd has sent. */
export function discardInput(socket: number): void {
  setNonblocking(socket, true);
  const room = Buffer.alloc(MAX_BYTES);
  for (let taken = 0; taken < MAX_BYTES; ) {
    const got = transfer(() => readSync(socket, room, 0, room.length, null));
    if (got === 0 || got === 'gone' || got === 'busy') return;
    taken += got;
  }
}

function transfer(call: () => number): number | 'busy' | 'gone' {
  try {
    return call();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return 'busy';
    if (['EPIPE', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code)) return 'gone';
    throw error;
  }
}
