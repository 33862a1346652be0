import type { Monitor } from './monitor.js';
import { type Notification, NotifySocket } from './notify-socket.js';
import { belongsTo, mayReport, type ProcessFamily } from './process-ownership.js';

/** The run of a daemon that may report its own state. */
export interface ReportingDaemon extends ProcessFamily {
  readonly key: string;
  /** 0 when it has no main process. */
  readonly pid: number;
  /** Whether it has a main process or is about to. */
  readonly alive: boolean;
  /** Whether superd knows which process it is; datagrams wait until then. */
  readonly launched: boolean;
  readonly monitor: Monitor;
  /** Makes another process the main one. */
  setMain(pid: number): void;
  reportedReady(): void;
  unhealthy(why: string): void;
}

/** What one daemon reports of itself by sd_notify(3). */
export class SelfReport {
  /** STATUS, for people; empty until it reports one. */
  status = '';
  private socket: NotifySocket | null = null;

  constructor(private readonly daemon: ReportingDaemon) {}

  /** `NAME=value` for its environment. */
  get environment(): string[] {
    return this.socket === null ? [] : [`NOTIFY_SOCKET=${this.socket.path}`];
  }

  open(): void {
    const { context, key } = this.daemon;
    this.socket ??= new NotifySocket(
      context,
      `@superd/${context.key}/${key}`,
      () => this.daemon.launched,
      (notification) => this.onNotification(notification),
    );
  }

  readPending(): void {
    this.socket?.readPending();
  }

  close(): void {
    this.socket?.close();
    this.socket = null;
  }

  private onNotification({ pid, fields }: Notification): void {
    const { daemon } = this;
    if (!mayReport(daemon.roots, pid)) return;
    const mainPid = Number(fields.get('MAINPID') ?? 0);
    if (mainPid !== 0 && mainPid !== daemon.pid && daemon.alive && belongsTo(daemon, mainPid)) daemon.setMain(mainPid);
    this.status = fields.get('STATUS') ?? this.status;
    if (fields.get('READY') === '1') daemon.reportedReady();
    if (fields.get('WATCHDOG') === '1') daemon.monitor.feedWatchdog();
    else if (fields.get('WATCHDOG') === 'trigger') daemon.unhealthy('asked for a restart (WATCHDOG=trigger)');
  }
}
