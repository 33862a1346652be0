import type { DaemonState } from '../report/states.js';
import { belongsTo, type Family, pidfileSays } from './process-ownership.js';
import { isSurelyEmpty } from './tree.js';

/** Between two looks for the process that went into the background. */
const LOOK_AGAIN_MS = 20;

/** A daemon that its pidfile may name. */
export interface PidfileOwner extends Family {
  readonly state: DaemonState;
  /** 0 when it has no main process. */
  readonly pid: number;
  /** Makes another process the main one; false when it is gone. */
  take(pid: number): boolean;
  ready(): void;
  /** Nobody has come in the place of the main process. */
  ended(): void;
}

/** Follows a daemon by its pidfile: a program that goes into the background leaves its work to another process. */
export class PidfileFollower {
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly one: PidfileOwner) {}

  /** Whether the pidfile names the daemon: a foreground one writes its own number. */
  namesIt(): boolean {
    const pid = this.pidOfFile();
    return pid !== 0 && (pid === this.one.pid || this.one.take(pid));
  }

  /** The main process has ended well: whether another is the daemon from now on, or may be in a moment. */
  follow(): boolean {
    const { one } = this;
    if (one.plan.pidfile === null) return false;
    const pid = this.pidOfFile();
    if (pid !== 0 && one.take(pid)) {
      if (one.plan.ready.kind === 'pidfile') one.ready();
      return true;
    }
    if (one.state !== 'starting' || isSurelyEmpty(one.context)) return false;
    this.timer = setTimeout(() => {
      if (one.state === 'starting' && one.pid === 0 && !this.follow()) one.ended();
    }, LOOK_AGAIN_MS);
    return true;
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** 0 when it names nobody who could be it. */
  private pidOfFile(): number {
    const pid = pidfileSays(this.one);
    return pid !== 0 && belongsTo(this.one, pid) ? pid : 0;
  }
}
