import type { SignalName } from '../config/plan.js';
import { type ProcessFacts, startTimeOf } from '../os/proc.js';
import { signalToken } from '../os/process.js';
import { HeldProcess } from '../process/held-process.js';
import { signalChildGroup, signalHeldGroup } from '../process/signal-group.js';
import { signalNumber } from '../process/signals.js';
import type { SuperviseContext, Watched } from './context.js';

type ExitContext = Pick<SuperviseContext, 'claim' | 'release' | 'watch'>;

/** A process that superd can watch and signal, never a later one with the same pid. */
interface Reach {
  signal(signal: NodeJS.Signals): boolean;
  signalGroup(signal: NodeJS.Signals): void;
  forget(): void;
}

/** The main process of a daemon: a child of superd, one of its descendants, or an adopted process. */
export class MainProcess {
  private constructor(
    readonly pid: number,
    readonly startTime: number,
    private readonly reach: Reach,
  ) {}

  /** A child of superd: the reaper reports its exit. `token` is that of its start. */
  static ofChild(pid: number, token: number): MainProcess {
    return new MainProcess(pid, startTimeOf(pid), {
      signal: (signal) => signalToken(token, signalNumber(signal)),
      signalGroup: (signal) => signalChildGroup(pid, token, signal),
      forget: () => {},
    });
  }

  /**
   * Any other process, watched by a pidfd.
   *
   * @param isOurs Called once superd holds the process, so that the answer is about that process.
   * @returns null when it is gone, or not ours.
   */
  static watch(context: ExitContext, pid: number, isOurs: (facts: ProcessFacts) => boolean, onExit: () => void): MainProcess | null {
    const held = HeldProcess.hold(pid, isOurs);
    if (held === null) return null;
    let watched: Watched;
    try {
      watched = context.watch(held.fd, onExit);
    } catch (error) {
      held.release();
      throw error;
    }
    context.claim(pid);
    return new MainProcess(pid, startTimeOf(pid), {
      signal: (signal) => held.signal(signal),
      signalGroup: (signal) => signalHeldGroup(held, signal),
      forget: () => {
        watched.stop();
        held.release();
        context.release(pid);
      },
    });
  }

  /** @returns false when it has ended, or when superd has no right to signal it. */
  signal(signal: SignalName): boolean {
    try {
      return this.reach.signal(signal);
    } catch {
      return false;
    }
  }

  /** Signals the process group that it leads; the process alone when it leads none. */
  signalGroup(signal: NodeJS.Signals): void {
    this.reach.signalGroup(signal);
  }

  /** Stops waiting for its exit. */
  forget(): void {
    this.reach.forget();
  }
}
