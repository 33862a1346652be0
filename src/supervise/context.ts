import type { DaemonPlan } from '../config/plan.js';
import type { Inheritance } from '../process/launch.js';
import type { Registry } from '../process/reaper.js';
import type { ExitStatus } from '../report/event.js';
import type { ControlGroups } from './control-groups.js';
import type { NotifyDirectory } from './notify-directory.js';

/** A descriptor that superd waits for. */
export interface Watched {
  /** Waits once more. */
  rearm(): void;
  /** Stops waiting; the descriptor stays open. */
  stop(): void;
}

/** Dependencies injected into a supervised daemon. */
export interface SuperviseContext {
  readonly reaper: Registry;
  readonly inheritance: Inheritance;
  /** Identifies this superd, or its state directory, in the environment of processes and in the names of sockets. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back once when `fd` is readable. */
  watch(fd: number, onReadable: () => void): Watched;
  readonly notify: NotifyDirectory;
  /** null where superd may create none. */
  readonly groups: ControlGroups | null;
  /** Descriptors 1 and 2 of the next start, which the caller gives away. */
  outputs(instance: { readonly key: string; readonly plan: DaemonPlan }): { readonly output: number; readonly errors: number };
  /** Records the exit status of this process too when it is reaped, though `reaper` did not start it. */
  claim(pid: number): void;
  release(pid: number): void;
  /** Exit status of a claimed process that has ended; null when it is unknown. */
  exitOf(pid: number): ExitStatus | null;
  /** The children that superd inherited when their parents ended; null when the kernel does not list them. */
  children(): readonly number[] | null;
  /** Whether the process belongs to a daemon or to a session. */
  isKnown(pid: number): boolean;
  notice(key: string, level: 'info' | 'warning' | 'error', message: string): void;
  readonly onError: (error: unknown) => void;
}
