import { datagramBind, datagramReceive } from '../os/datagram.js';
import { close } from '../os/socket.js';
import type { SuperviseContext, Watched } from './context.js';

/** What one datagram says, sd_notify(3). */
export interface Notification {
  /** Of the sender, as the kernel vouches for it. */
  readonly pid: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** A longer one is cut; systemd takes as much. */
const LONGEST = 4096;
/** Taken in one turn, so that one who floods holds up nobody. */
const AT_ONCE = 16;
/** Of a value that superd shows to people. */
const LONGEST_VALUE = 200;

/** The socket on which one daemon tells how it is. */
export class NotifySocket {
  private readonly fd: number;
  private readonly watched: Watched;

  constructor(
    context: SuperviseContext,
    readonly path: string,
    /** A daemon may speak before it is known under its number: what it says waits. */
    private readonly listens: () => boolean,
    private readonly hear: (notification: Notification) => void,
  ) {
    this.fd = datagramBind(path);
    try {
      this.watched = context.watch(this.fd, () => this.read());
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  close(): void {
    this.watched.stop();
    close(this.fd);
  }

  /** Hears what waits. */
  resume(): void {
    this.read();
  }

  private read(): void {
    if (!this.listens()) return;
    const buffer = Buffer.allocUnsafe(LONGEST);
    this.watched.again();
    for (let i = 0; i < AT_ONCE; i++) {
      const received = datagramReceive(this.fd, buffer);
      if (received === null) return;
      this.hear({ pid: received.pid, fields: fieldsOf(buffer.toString('utf8', 0, received.length)) });
    }
  }
}

/** @example fieldsOf('READY=1\nSTATUS=fine').get('STATUS') // 'fine' */
export function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) fields.set(line.slice(0, equals), line.slice(equals + 1, equals + 1 + LONGEST_VALUE));
  }
  return fields;
}
