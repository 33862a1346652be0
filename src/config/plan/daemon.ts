import type { Origin } from '../../errors.js';
import type { ProgramPlan } from './program.js';

/** A resident daemon (`activation = boot`): superd starts it and keeps it alive; it opens its own socket, if it has one. */
export interface DaemonPlan {
  readonly id: string;
  readonly name: string;
  readonly origin: Origin;
  /** As in a service that listens. */
  readonly mistake?: string;
  readonly activation: 'boot';
  /** With `stderr = client`, standard error goes where the output goes. */
  readonly program: ProgramPlan;
  /** Ids of services; each id is in one of the three lists. */
  readonly after: readonly string[];
  readonly needs: readonly string[];
  readonly wants: readonly string[];
  readonly ready: ReadyPlan;
  /** Durations are in milliseconds; here 0 sets no limit. */
  readonly readyTimeoutMs: number;
  readonly restart: RestartPlan;
  /** superd ends with it. */
  readonly essential: boolean;
  readonly restartDelayMs: number;
  /** Infinity for no limit. */
  readonly restartMax: number;
  readonly stopSignal: SignalName;
  readonly stopTimeoutMs: number;
  readonly reloadSignal: SignalName | null;
  readonly reloadExec: readonly string[] | null;
  /** 0 turns the watchdog off. */
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

/** A check from outside the daemon. */
export type Probe =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'http'; readonly host: string; readonly port: number; readonly path: string }
  | { readonly kind: 'exec'; readonly argv: readonly string[] };

export interface RestartPlan {
  readonly when: 'always' | 'on-failure' | 'never';
  /** Exit statuses that count as success, besides 0. */
  readonly statuses: readonly number[];
}

export type OutputPlan =
  | { readonly kind: 'log' | 'null' }
  /** With `path` null, a file named for the daemon in the state directory. `size` in bytes. */
  | { readonly kind: 'file'; readonly path: string | null; readonly size: number };

/** Signals worth sending, signal(7). */
export const SIGNALS = [
  ...(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGABRT', 'SIGCONT'] as const),
  ...(['SIGWINCH', 'SIGPWR', 'SIGIO', 'SIGVTALRM'] as const),
] as const;

export type SignalName = (typeof SIGNALS)[number];
