import type { Origin } from '../../errors.js';
import type { ProgramPlan } from './program.js';

/** A resident daemon (`activation = boot`): started by superd, kept alive, and with a socket of its own, if any. */
export interface DaemonPlan {
  readonly id: string;
  readonly name: string;
  readonly origin: Origin;
  readonly activation: 'boot';
  /** Its `stderr` tells apart what does not go where the output goes: `client` does. */
  readonly program: ProgramPlan;
  /** Ids of daemons; each list holds none of the others'. */
  readonly after: readonly string[];
  readonly needs: readonly string[];
  readonly wants: readonly string[];
  readonly ready: ReadyPlan;
  /** Durations are milliseconds. 0 waits for ever. */
  readonly readyTimeoutMs: number;
  readonly restart: RestartPlan;
  readonly restartDelayMs: number;
  /** Infinity is no limit. */
  readonly restartMax: number;
  readonly stopSignal: SignalName;
  readonly stopTimeoutMs: number;
  readonly reloadSignal: SignalName | null;
  readonly reloadExec: readonly string[] | null;
  /** 0 asks for nothing. */
  readonly watchdogMs: number;
  readonly live: { readonly everyMs: number; readonly probe: Probe } | null;
  /** Bytes. */
  readonly memoryMax: number | null;
  readonly pidfile: string | null;
  readonly output: OutputPlan;
  /** Older generations of an output file. */
  readonly outputKeep: number;
  readonly replicas: number;
}

/** How a daemon shows that it is ready. */
export type ReadyPlan = { readonly kind: 'notify' | 'pidfile' | 'none' } | { readonly kind: 'fd'; readonly fd: number } | Probe;

/** A question from outside. */
export type Probe =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'http'; readonly host: string; readonly port: number; readonly path: string }
  | { readonly kind: 'exec'; readonly argv: readonly string[] };

export interface RestartPlan {
  readonly when: 'always' | 'on-failure' | 'never';
  /** Exit statuses that are no failure, beside 0. */
  readonly statuses: readonly number[];
}

export type OutputPlan =
  | { readonly kind: 'log' | 'null' }
  /** `path` null is a file of its own in the state directory. `size` in bytes. */
  | { readonly kind: 'file'; readonly path: string | null; readonly size: number };

/** Signals that can be sent to some purpose, signal(7). */
export const SIGNALS = [
  ...(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGABRT', 'SIGCONT'] as const),
  ...(['SIGWINCH', 'SIGPWR', 'SIGIO', 'SIGVTALRM'] as const),
] as const;

export type SignalName = (typeof SIGNALS)[number];
