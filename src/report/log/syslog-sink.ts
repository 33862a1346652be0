import { describeErrno } from '../../errors.js';
import { runLater } from '../../guarded.js';
import type { EventSink } from '../event.js';
import type { Loss } from './line-sink.js';
import { clockTime, perSecond } from './per-second.js';
import { SinkHealth } from './sink-health.js';

/** UTF-16 units of a message: syslog daemons read 8 KiB (rsyslog's default), and the kernel refuses what is much larger. */
const MESSAGE_UNITS = 8000;
/** Bytes of messages queued for a slow reader; further messages are lost and counted. */
const QUEUE_BYTES = 64 * 1024;
/** Wait before the next attempt, doubled each time: short for a busy reader, long for one that is gone. */
const RETRY_MS = { first: 5, most: 1000 };

const DAEMON = 3;
const INFO = 6;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The facilities of syslog(3) that xinetd.conf(5) and daemons use. */
const facilities: Readonly<Record<string, number>> = {
  user: 1,
  mail: 2,
  daemon: DAEMON,
  auth: 4,
  lpr: 6,
  news: 7,
  uucp: 8,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};
const levels: Readonly<Record<string, number>> = { emerg: 0, alert: 1, crit: 2, err: 3, warning: 4, notice: 5, info: INFO, debug: 7 };

/**
 * The priority value of a message, RFC 3164 §4.1.1. An unknown name counts as `daemon` or `info`.
 *
 * @example priority('local3', 'notice') // 157
 */
export function priority(facility: string, level: string): number {
  return (facilities[facility] ?? DAEMON) * 8 + (levels[level] ?? INFO);
}

/** Sends one datagram to a unix socket: 0, or the errno; never blocks. `datagramSend` of os/binding with its descriptor. */
export type DatagramSend = (path: string, data: Uint8Array) => number;

export interface SyslogOptions {
  readonly send: DatagramSend;
  /** `/dev/log`. */
  readonly path: string;
  /** The name and process id of the tag, `name[pid]: `. */
  readonly name: string;
  readonly pid: number;
  /** Renders the message about lost messages, sent with `lossPriority`. */
  readonly lossText: (loss: Loss) => string;
  readonly lossPriority: number;
  readonly report: EventSink;
}

/**
 * Sends messages to the local syslog daemon, one datagram each: `<pri>Mmm dd HH:MM:SS name[pid]: text` (RFC 3164 without the host, as
 * syslog(3) sends them). A daemon that is gone or slow never blocks superd: messages are queued in memory, then lost and counted.
 */
export class SyslogSink {
  readonly #health: SinkHealth;
  readonly #stamp: (at: number) => string;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #retry: NodeJS.Timeout | null = null;
  #retryMs = RETRY_MS.first;
  #closed = false;

  constructor(private readonly options: SyslogOptions) {
    this.#health = new SinkHealth(`syslog ${options.path}`, options.report);
    const tag = `${options.name}[${options.pid}]: `;
    this.#stamp = perSecond((date) => `>${syslogTime(date)} ${tag}`);
  }

  /** @param at Milliseconds since the epoch. */
  write(pri: number, at: number, text: string): void {
    const message = Buffer.from(`<${pri}${this.#stamp(at)}${text.slice(0, MESSAGE_UNITS)}`);
    if (this.#retry === null) {
      const errno = this.options.send(this.options.path, message);
      if (errno === 0) return;
      this.#postpone(errno);
    }
    if (this.#health.isLosing || this.#queuedBytes + message.length > QUEUE_BYTES) {
      this.#health.lose('the reader does not keep up');
      return;
    }
    this.#queue.push(message);
    this.#queuedBytes += message.length;
  }

  /** Sends as many queued messages as possible; also retries a daemon that was gone. */
  flush(): void {
    if (this.#closed) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    let sent = 0;
    let errno = 0;
    while (sent < this.#queue.length && errno === 0) {
      errno = this.options.send(this.options.path, this.#queue[sent]!);
      if (errno === 0) this.#queuedBytes -= this.#queue[sent++]!.length;
    }
    this.#queue.splice(0, sent);
    if (sent > 0) this.#retryMs = RETRY_MS.first;
    if (errno !== 0) this.#postpone(errno);
    else this.#reportLoss();
  }

  close(): void {
    this.flush();
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  #reportLoss(): void {
    const loss = this.#health.recover();
    if (loss !== null) this.write(this.options.lossPriority, loss.at, this.options.lossText(loss));
  }

  #postpone(errno: number): void {
    const [code, text] = describeErrno(errno);
    // A full queue is normal for a datagram socket; it is a failure only when a message is lost.
    if (code !== 'EAGAIN' && code !== 'ENOBUFS') this.#health.fail(`sendto ${this.options.path}: ${text} (${code})`);
    this.#retry = runLater(() => this.flush(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
  }
}

/** `Mmm dd HH:MM:SS`, the day padded with a space. */
export function syslogTime(date: Date): string {
  return `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clockTime(date)}`;
}
