import type { Monitor } from './monitor.js';
import { type Notification, NotifySocket } from './notify-socket.js';
import { belongsTo, type Family, maySpeakFor } from './process-ownership.js';

/** A daemon that may tell how it is. */
export interface Reporting extends Family {
  readonly key: string;
  /** 0 when it has no main process. */
  readonly pid: number;
  /** Whether a process of it is there, or on its way. */
  readonly alive: boolean;
  /** Whether it is known by now which process it is: what is said before waits. */
  readonly known: boolean;
  readonly monitor: Monitor;
  /** Makes another process the main one. */
  take(pid: number): void;
  saysReady(): void;
  unhealthy(why: string): void;
}

/** What one daemon says of itself, sd_notify(3). */
export class SelfReport {
  /** STATUS, for people; empty when it has not said any. */
  status = '';
  private socket: NotifySocket | null = null;

  constructor(private readonly one: Reporting) {}

  /** `NAME=value` for its environment. */
  get environment(): string[] {
    return this.socket === null ? [] : [`NOTIFY_SOCKET=${this.socket.path}`];
  }

  open(): void {
    const { context, key } = this.one;
    this.socket ??= new NotifySocket(
      context,
      `@superd/${context.key}/${key}`,
      () => this.one.known,
      (said) => this.hear(said),
    );
  }

  /** Hears what waits. */
  resume(): void {
    this.socket?.resume();
  }

  close(): void {
    this.socket?.close();
    this.socket = null;
  }

  private hear({ pid, fields }: Notification): void {
    const { one } = this;
    if (!maySpeakFor(one.roots, pid)) return;
    const mainPid = Number(fields.get('MAINPID') ?? 0);
    if (mainPid !== 0 && mainPid !== one.pid && one.alive && belongsTo(one, mainPid)) one.take(mainPid);
    this.status = fields.get('STATUS') ?? this.status;
    if (fields.get('READY') === '1') one.saysReady();
    if (fields.get('WATCHDOG') === '1') one.monitor.feedWatchdog();
    else if (fields.get('WATCHDOG') === 'trigger') one.unhealthy('asked for a restart (WATCHDOG=trigger)');
  }
}
