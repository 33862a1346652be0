import { readSync, writeSync } from 'node:fs';
import { monotonicMs } from '../../clock.js';
import { pause } from '../../guarded.js';
import { setNonblocking } from '../../os/socket.js';

/** superd discards at most so much of what a client has sent. */
const MAX_BYTES = 64 * 1024;

/** How long superd waits for a client that does not read. */
const DEADLINE_MS = 5000;
const RETRY_MS = 20;

/** Sends bytes to a client, or as many as it reads in time. Leaves the socket blocking. A client that has gone is no error. */
export async function sendBytes(socket: number, bytes: Uint8Array): Promise<void> {
  const deadline = monotonicMs() + DEADLINE_MS;
  setNonblocking(socket, true);
  try {
    for (let sent = 0; sent < bytes.length && monotonicMs() < deadline; ) {
      const written = transfer(() => writeSync(socket, bytes, sent));
      if (written === 'gone') return;
      if (written === 'busy') await pause(RETRY_MS);
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
