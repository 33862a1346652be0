import type { DaemonState } from '../report/states.js';
import { describeMs } from './describe.js';
import type { Health, HealthView } from './health.js';
import { awaitReadiness, type Readiness } from './readiness.js';

/** What a daemon that is looked at hears. */
export interface Monitored extends HealthView {
  readonly state: DaemonState;
  /** Whether a process of it is there, or on its way. */
  readonly alive: boolean;
  late(why: string): void;
}

/** Looks after one daemon that runs: whether it becomes ready in time, stays well, and gives its sign of life. */
export class Monitor {
  private readiness: Readiness | null = null;
  private health: Health | null = null;
  private deadline: NodeJS.Timeout | null = null;
  private watchdog: NodeJS.Timeout | null = null;

  constructor(private readonly one: Monitored) {}

  /** Before a start; `fds` and `given` as in `awaitReadiness`. */
  prepare(fds: number[], given: number[]): void {
    this.readiness = awaitReadiness(this.one, fds, given);
  }

  /** Its process runs. */
  begin(how: 'started' | 'adopted'): void {
    const { readyTimeoutMs, ready } = this.one.plan;
    if (how === 'adopted') this.readiness = awaitReadiness(this.one, null, []);
    // What an adopted one said while nobody listened is not known.
    const mute = how === 'adopted' && (ready.kind === 'notify' || ready.kind === 'fd');
    if (readyTimeoutMs > 0) {
      const late = () => this.one.late(`not ready after ${describeMs(this.one.plan.readyTimeoutMs)}`);
      this.deadline = setTimeout(mute ? () => this.one.ready() : late, readyTimeoutMs);
    }
    if (ready.kind === 'none' || (mute && readyTimeoutMs === 0)) this.one.ready();
    else this.readiness?.begin();
    this.feedWatchdog();
  }

  /** It is ready. */
  watch(): void {
    this.forgetReadiness();
    this.watchHealth();
  }

  /** Again, when its rules are others. */
  watchHealth(): void {
    this.health?.stop();
    this.health = null;
    this.feedWatchdog();
    const { live, memoryMax } = this.one.plan;
    if (live === null && memoryMax === null) return;
    // Most daemons have neither.
    void import('./health.js').then(({ watchHealth }) => {
      if (this.one.state === 'running' && this.health === null) this.health = watchHealth(this.one);
    }, this.one.context.onError);
  }

  /** A sign of life. */
  feedWatchdog(): void {
    const { watchdogMs } = this.one.plan;
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = null;
    if (watchdogMs > 0 && this.one.alive)
      this.watchdog = setTimeout(() => this.one.unhealthy(`silent for ${describeMs(watchdogMs)} (watchdog)`), watchdogMs);
  }

  /** Nothing is asked of it, or awaited, any more. */
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
