import { runLater } from '../guarded.js';
import type { DaemonState } from '../report/states.js';
import { type ProcessFamily, pidfilePid } from './process-ownership.js';
import { hasNoUnknownChild } from './tree.js';

/** Between two looks for the process that went into the background. */
const LOOK_AGAIN_MS = 20;

/** The run whose main process a pidfile may name. */
export interface PidfileOwner extends ProcessFamily {
  readonly state: DaemonState;
  /** 0 when it has no main process. */
  readonly pid: number;
  /** Makes another process the main one; false when it is gone, or is not the daemon's. */
  setMain(pid: number): boolean;
  ready(): void;
  /** The main process has ended, and no other has taken its place. */
  noMainProcess(): void;
}

/** Follows a daemon by its pidfile: a program that goes into the background leaves its work to another process. */
export class PidfileFollower {
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly run: PidfileOwner) {}

  /** Whether the pidfile names the main process, or a process of the daemon that is the main one from now on. */
  namesMain(): boolean {
    const pid = pidfilePid(this.run);
    return pid !== 0 && (pid === this.run.pid || this.run.setMain(pid));
  }

  /** The main process has exited with status 0. @returns Whether another one replaces it, or still may. */
  follow(): boolean {
    const { run } = this;
    if (run.plan.pidfile === null) return false;
    const pid = pidfilePid(run);
    if (pid !== 0 && run.setMain(pid)) {
      if (run.plan.ready.kind === 'pidfile') run.ready();
      return true;
    }
    if (run.state !== 'starting' || hasNoUnknownChild(run.context)) return false;
    this.timer = runLater(() => {
      if (run.state === 'starting' && run.pid === 0 && !this.follow()) run.noMainProcess();
    }, LOOK_AGAIN_MS);
    return true;
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
