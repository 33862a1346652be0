import type { SignalName } from '../config/plan.js';
import { statOf } from '../os/proc.js';
import { pidfdOpen, pidfdSignal } from '../os/process.js';
import { close } from '../os/socket.js';
import type { SuperviseContext, Watched } from './context.js';

/** signal(7), the numbers of x86 and ARM. */
const NUMBER: Readonly<Record<SignalName, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCONT: 18,
  SIGVTALRM: 26,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
};

type ExitContext = Pick<SuperviseContext, 'claim' | 'release' | 'watch'>;

/** The main process of a daemon: a child of superd, one of its descendants, or an adopted process. */
export class MainProcess {
  private constructor(
    readonly pid: number,
    readonly startTime: number,
    private readonly pidfd: number,
    private readonly watched: Watched | null,
    private readonly context: ExitContext | null,
  ) {}

  /** A child of superd: the reaper reports its exit, and until then its pid is not reused. */
  static ofChild(pid: number, startTime: number): MainProcess {
    return new MainProcess(pid, startTime, -1, null, null);
  }

  /** Any other process, watched by a pidfd; null when it is gone. */
  static watch(context: ExitContext, pid: number, onExit: () => void): MainProcess | null {
    const fd = pidfdOpen(pid);
    if (fd === -1) return null;
    // Read after the pidfd is open, so that it is about the same process.
    const stat = statOf(pid);
    if (stat === null || stat.zombie) {
      close(fd);
      return null;
    }
    try {
      const watched = context.watch(fd, onExit);
      context.claim(pid);
      return new MainProcess(pid, stat.startTime, fd, watched, context);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** @returns false when it has ended, or when superd has no right to signal it. */
  signal(signal: SignalName): boolean {
    try {
      if (this.pidfd !== -1) return pidfdSignal(this.pidfd, NUMBER[signal]);
      return process.kill(this.pid, signal);
    } catch {
      return false;
    }
  }

  /** Stops waiting for its exit. */
  forget(): void {
    if (this.pidfd === -1) return;
    this.watched?.stop();
    close(this.pidfd);
    this.context?.release(this.pid);
  }
}
