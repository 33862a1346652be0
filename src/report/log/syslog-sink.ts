import { describeErrno } from '../../errors.js';
import type { EventSink } from '../event.js';
import type { Loss } from './line-sink.js';
import { clockTime, perSecond } from './per-second.js';
import { SinkHealth } from './sink-health.js';

/** UTF-16 units of a message: syslog daemons read 8 KiB (rsyslog's default), and the kernel refuses what is much larger. */
const MESSAGE_UNITS = 8000;
/** Bytes of messages that wait for a reader that does not keep up; what comes then is counted. */
const QUEUE_BYTES = 64 * 1024;
/** The wait before the next attempt, doubled each time: a busy reader is asked again soon, one that is gone seldom. */
const RETRY_MS = { first: 5, most: 1000 };

const DAEMON = 3;
const INFO = 6;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** syslog(3) names and their numbers; those of xinetd.conf(5), and what a daemon of its own may want. */
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
 * The number in front of a message, RFC 3164 §4.1.1. A name that syslog(3) does not know counts as `daemon`, `info`.
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
  /** What is said, and with which priority, about messages that were lost. */
  readonly lossText: (loss: Loss) => string;
  readonly lossPriority: number;
  readonly report: EventSink;
}

/**
 * Messages for the local syslog daemon, one datagram each: `<pri>Mmm dd HH:MM:SS name[pid]: text` (RFC 3164 without the host, as
 * syslog(3) sends them). A daemon that is gone or does not read never holds superd: messages wait in memory, then they are counted.
 */
export class SyslogSink {
  readonly #trouble: SinkHealth;
  readonly #stamp: (at: number) => string;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #retry: NodeJS.Timeout | null = null;
  #retryMs = RETRY_MS.first;
  #closed = false;

  constructor(private readonly options: SyslogOptions) {
    this.#trouble = new SinkHealth(`syslog ${options.path}`, options.report);
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
    if (this.#trouble.lost || this.#queuedBytes + message.length > QUEUE_BYTES) {
      this.#trouble.lose('the reader does not keep up');
      return;
    }
    this.#queue.push(message);
    this.#queuedBytes += message.length;
  }

  /** Sends what waits, as far as it goes; also the way to look for a daemon that has come back. */
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
    else this.#tellLoss();
  }

  close(): void {
    this.flush();
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  #tellLoss(): void {
    const loss = this.#trouble.recover();
    if (loss !== null) this.write(this.options.lossPriority, loss.at, this.options.lossText(loss));
  }

  #postpone(errno: number): void {
    const [code, text] = describeErrno(errno);
    // A full queue is the daily life of a datagram socket; it is trouble only when a message is lost by it.
    if (code !== 'EAGAIN' && code !== 'ENOBUFS') this.#trouble.fail(`sendto ${this.options.path}: ${text} (${code})`);
    this.#retry = setTimeout(() => this.flush(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
  }
}

/** `Mmm dd HH:MM:SS`, the day padded with a blank. */
function syslogTime(date: Date): string {
  return `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clockTime(date)}`;
}
