import { datagramReceive } from '../os/datagram.js';
import { close } from '../os/socket.js';
import type { SuperviseContext, Watched } from './context.js';
import type { NotifyPlace } from './notify-directory.js';

/** One datagram of sd_notify(3). */
export interface Notification {
  /** The sender, as the kernel attests it. */
  readonly pid: number;
  readonly uid: number;
  /** Its pidfd, open during the call; −1 where the kernel passes none. */
  readonly pidfd: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** Bytes of a datagram that superd reads, as systemd does; the rest is cut off. */
const LONGEST = 4096;
/** Datagrams in one turn, so that a daemon that floods the socket does not hold up superd. */
const BATCH = 16;
/** Characters of a value that superd shows. */
const LONGEST_VALUE = 200;

/** The notification socket of one daemon, $NOTIFY_SOCKET of sd_notify(3). */
export class NotifySocket {
  private readonly watched: Watched;

  /** @param place Closed with the socket. */
  constructor(
    context: SuperviseContext,
    private readonly place: NotifyPlace,
    /** A daemon may send before superd knows its pid. Its datagrams wait until then. */
    private readonly isLaunched: () => boolean,
    private readonly onNotification: (notification: Notification) => void,
  ) {
    try {
      this.watched = context.watch(place.fd, () => this.readPending());
    } catch (error) {
      place.close();
      throw error;
    }
  }

  get path(): string {
    return this.place.path;
  }

  close(): void {
    this.watched.stop();
    this.place.close();
  }

  /** Reads datagrams that have arrived, unless the daemon is still being launched. */
  readPending(): void {
    if (!this.isLaunched()) return;
    const buffer = Buffer.allocUnsafe(LONGEST);
    this.watched.rearm();
    for (let i = 0; i < BATCH; i++) {
      const received = datagramReceive(this.place.fd, buffer);
      if (received === null) return;
      const { length, ...sender } = received;
      try {
        this.onNotification({ ...sender, fields: fieldsOf(buffer.toString('utf8', 0, length)) });
      } finally {
        if (sender.pidfd !== -1) close(sender.pidfd);
      }
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
