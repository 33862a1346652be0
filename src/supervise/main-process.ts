import type { SignalName } from '../config/plan.js';
import { statOf } from '../os/proc.js';
import { pidfdOpen, pidfdSignal } from '../os/process.js';
import { close } from '../os/socket.js';
import type { SuperviseContext, Watched } from './context.js';

/** signal(7), the numbers of x86 and ARM, which are the ones superd runs on. */
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

/** As much of the context as it takes to hear of an end. */
type ExitWatch = Pick<SuperviseContext, 'claim' | 'release' | 'watch'>;

/** The process that is the daemon: started by us, or one of its descendants, or adopted. */
export class MainProcess {
  private constructor(
    readonly pid: number,
    readonly startTime: number,
    private readonly pidfd: number,
    private readonly watched: Watched | null,
    private readonly context: ExitWatch | null,
  ) {}

  /** One whose end the reaper tells; it keeps its number until then. */
  static ofChild(pid: number, startTime: number): MainProcess {
    return new MainProcess(pid, startTime, -1, null, null);
  }

  /** Any other; null when it is gone. */
  static watch(context: ExitWatch, pid: number, onEnd: () => void): MainProcess | null {
    const fd = pidfdOpen(pid);
    if (fd === -1) return null;
    // After it has been opened: then the answer is about that very process.
    const stat = statOf(pid);
    if (stat === null || stat.zombie) {
      close(fd);
      return null;
    }
    try {
      const watched = context.watch(fd, onEnd);
      context.claim(pid);
      return new MainProcess(pid, stat.startTime, fd, watched, context);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  signal(signal: SignalName): boolean {
    try {
      if (this.pidfd !== -1) return pidfdSignal(this.pidfd, NUMBER[signal]);
      return process.kill(this.pid, signal);
    } catch {
      // Gone, or without root somebody else's by now.
      return false;
    }
  }

  /** Is no longer waited for. */
  forget(): void {
    if (this.pidfd === -1) return;
    this.watched?.stop();
    close(this.pidfd);
    this.context?.release(this.pid);
  }
}
