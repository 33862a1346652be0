import { constants, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { monotonicMs } from '../../clock.js';
import { setNonblocking } from '../../os/socket.js';

/** More of a file is not sent, and a client that does not read is not waited for longer. */
const MAX_BYTES = 64 * 1024;
const DEADLINE_MS = 5000;
const RETRY_MS = 20;

/** The text of a banner file; null when there is none. A directory that does not exist is an error. */
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

/**
 * Sends all of it to a client, or as much as the client takes in time; the socket is blocking again afterwards. A client that is gone gets nothing.
 */
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

/** Takes what the client has sent so far: closing over it would reset the connection, and what was sent to the client with it. */
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
