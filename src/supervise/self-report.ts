import { monotonicMs } from '../clock.js';
import { close } from '../os/socket.js';
import { isOf, openOrGone } from '../process/held-process.js';
import type { Monitor } from './monitor.js';
import { type Notification, NotifySocket } from './notify-socket.js';
import { mayReport, type ProcessFamily } from './process-ownership.js';

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
  /** Makes another process the main one, if it may be that. */
  setMain(pid: number): void;
  reportedReady(): void;
  unhealthy(why: string): void;
}

/** Between two messages about ignored senders, who may send without end. */
const REPORT_EVERY_MS = 60_000;

/** What one daemon reports of itself by sd_notify(3). */
export class SelfReport {
  /** STATUS, for people; empty until it reports one. */
  status = '';
  private socket: NotifySocket | null = null;
  private nextReportAt = 0;

  constructor(private readonly daemon: ReportingDaemon) {}

  /** `NAME=value` for its environment. */
  get environment(): string[] {
    return this.socket === null ? [] : [`NOTIFY_SOCKET=${this.socket.path}`];
  }

  open(): void {
    const { context, key, plan } = this.daemon;
    this.socket ??= new NotifySocket(
      context,
      context.notify.bind(key, plan.program.credentials),
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

  private onNotification(notification: Notification): void {
    const { daemon } = this;
    const { fields } = notification;
    if (!this.isFromDaemon(notification)) {
      this.reportIgnored(notification);
      return;
    }
    const mainPid = Number(fields.get('MAINPID') ?? 0);
    if (mainPid !== 0 && mainPid !== daemon.pid && daemon.alive) daemon.setMain(mainPid);
    this.status = fields.get('STATUS') ?? this.status;
    if (fields.get('READY') === '1') daemon.reportedReady();
    if (fields.get('WATCHDOG') === '1') daemon.monitor.feedWatchdog();
    else if (fields.get('WATCHDOG') === 'trigger') daemon.unhealthy('asked for a restart (WATCHDOG=trigger)');
  }

  private isFromDaemon({ pid, uid, pidfd }: Notification): boolean {
    const { roots } = this.daemon;
    if (pid <= 0 || roots.main === 0) return false;
    const opened = pidfd === -1 ? openOrGone(pid) : -1;
    try {
      return isOf(pidfd === -1 ? opened : pidfd, pid, (facts) => mayReport(roots, uid, facts));
    } finally {
      if (opened !== -1) close(opened);
    }
  }

  private reportIgnored({ pid, uid }: Notification): void {
    const now = monotonicMs();
    if (now < this.nextReportAt) return;
    this.nextReportAt = now + REPORT_EVERY_MS;
    const { context, key, roots } = this.daemon;
    const wanted = roots.uid === 0 ? 'root' : `root or uid ${roots.uid}`;
    context.notice(
      key,
      'warning',
      `ignored a notification of process ${pid}, uid ${uid}: only processes of the daemon itself that run as ${wanted} may report`,
    );
  }
}
