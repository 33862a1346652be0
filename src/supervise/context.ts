import type { DaemonPlan } from '../config/plan.js';
import type { Inheritance } from '../process/launch.js';
import type { Registry } from '../process/reaper.js';
import type { ExitStatus } from '../report/event.js';
import type { ControlGroups } from './control-groups.js';

/** A descriptor that is listened to. */
export interface Watched {
  /** Hears it once more. */
  again(): void;
  /** Hears nothing more; the descriptor stays open. */
  stop(): void;
}

/** Dependencies injected into a supervised daemon. */
export interface SuperviseContext {
  readonly reaper: Registry;
  readonly inheritance: Inheritance;
  /** Names this superd, or its state, among others: part of the variable that marks processes, and of socket names. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back once when there is something to read. */
  watch(fd: number, onReadable: () => void): Watched;
  /** null where superd may make none. */
  readonly groups: ControlGroups | null;
  /** Descriptors 1 and 2 of its next start, to be given away. */
  outputs(instance: { readonly key: string; readonly plan: DaemonPlan }): { readonly output: number; readonly errors: number };
  /** A process that is no child by `reaper`, and whose end is waited for all the same. */
  claim(pid: number): void;
  release(pid: number): void;
  /** Of one that has ended; null where nobody knows. */
  exitOf(pid: number): ExitStatus | null;
  /** Whatever has become our child by the end of its parent, whoever that was; null where nobody knows. */
  children(): readonly number[] | null;
  /** Whether it is accounted for. */
  isKnown(pid: number): boolean;
  notice(key: string, level: 'info' | 'warning' | 'error', message: string): void;
  readonly onError: (error: unknown) => void;
}
