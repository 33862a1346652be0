import { formatDuration } from '../duration.js';
import { runLater } from '../guarded.js';
import type { DaemonState } from '../report/states.js';
import type { Health, HealthTarget } from './health.js';
import { awaitReadiness, type Readiness, type ReadinessTarget } from './readiness.js';

/** The run that a monitor watches. */
export interface MonitoredDaemon extends HealthTarget, ReadinessTarget {
  readonly state: DaemonState;
  /** Whether it has a main process or is about to. */
  readonly alive: boolean;
  /** `ready_timeout` is over. */
  readyTimeout(why: string): void;
}

/** Watches one run of a daemon: whether it becomes ready in time, stays healthy and feeds its watchdog. */
export class Monitor {
  private readiness: Readiness | null = null;
  private health: Health | null = null;
  private deadline: NodeJS.Timeout | null = null;
  private watchdog: NodeJS.Timeout | null = null;

  constructor(private readonly daemon: MonitoredDaemon) {}

  /** Before a start; `fds` and `given` as in `awaitReadiness`. */
  prepare(fds: number[], given: number[]): void {
    this.readiness = awaitReadiness(this.daemon, fds, given);
  }

  /** The main process runs. */
  begin(how: 'started' | 'adopted'): void {
    const { readyTimeoutMs, ready } = this.daemon.plan;
    if (how === 'adopted') this.readiness = awaitReadiness(this.daemon, null, []);
    // An adopted daemon may have reported that it is ready while no superd was running. It counts as ready after ready_timeout.
    const unknown = how === 'adopted' && (ready.kind === 'notify' || ready.kind === 'fd');
    if (readyTimeoutMs > 0) {
      const late = () => this.daemon.readyTimeout(`not ready after ${formatDuration(this.daemon.plan.readyTimeoutMs)}`);
      this.deadline = runLater(unknown ? () => this.daemon.ready() : late, readyTimeoutMs);
    }
    if (ready.kind === 'none' || (unknown && readyTimeoutMs === 0)) this.daemon.ready();
    else this.readiness?.begin();
    this.feedWatchdog();
  }

  /** It has become ready. */
  becameReady(): void {
    this.forgetReadiness();
    this.watchHealth();
  }

  /** Starts the checks of its health, anew when the plan has changed. */
  watchHealth(): void {
    this.health?.stop();
    this.health = null;
    this.feedWatchdog();
    const { live, memoryMax } = this.daemon.plan;
    if (live === null && memoryMax === null) return;
    // Loaded late, since most daemons have neither.
    import('./health.js').then(({ watchHealth }) => {
      if (this.daemon.state === 'running' && this.health === null) this.health = watchHealth(this.daemon);
    }, this.daemon.context.onError);
  }

  feedWatchdog(): void {
    const { watchdogMs } = this.daemon.plan;
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = null;
    if (watchdogMs > 0 && this.daemon.alive)
      this.watchdog = runLater(() => this.daemon.unhealthy(`silent for ${formatDuration(watchdogMs)} (watchdog)`), watchdogMs);
  }

  stop(): void {
    this.forgetReadiness();
    this.health?.stop();
    this.health = null;
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = null;
  }

  private forgetReadiness(): void {
    this.readiness?.stop();
    this.readiness = null;
    if (this.deadline !== null) clearTimeout(this.deadline);
    this.deadline = null;
  }
}
