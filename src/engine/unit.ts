import type { Activation } from '../config/plan.js';
import type { Origin } from '../errors.js';
import type { UnitState } from '../report/states.js';
import type { Session } from './sessions/session.js';

const UP: ReadonlySet<UnitState> = new Set(['listening', 'paused', 'running']);

/**
 * Whether a unit in this state does its work, as an LSB init script answers `status`.
 *
 * @example isUp('listening') // true
 */
export function isUp(state: UnitState): boolean {
  return UP.has(state);
}

/** Counts since superd started, or since the service first appeared in the configuration. */
export interface UnitCounters {
  /** Sessions admitted; for a daemon, starts. */
  readonly started: number;
  readonly refused: number;
  /** Servers that could not be started; for a daemon, runs that could not start, ended badly or were unhealthy. */
  readonly failed: number;
  /** Starts after an unwanted exit. */
  readonly restarts: number;
}

/**
 * Anything that an operator can command: a service on request, a resident daemon, an init script.
 *
 * A command settles when it is done, and rejects with SystemError (the system refused) or `UnitError`. Commands to one unit run one after the other. A
 * command that has nothing to change succeeds.
 */
export interface Unit {
  /** Unique by convention only: a command to an id goes to all that have it. */
  readonly id: string;
  readonly name: string;
  readonly activation: Activation;
  readonly state: UnitState;
  /** Why it failed or waits, for people; empty when all is well. */
  readonly problem: string;
  /** When it came into this state, milliseconds since the epoch. */
  readonly since: number;
  /** Its place in the configuration. */
  readonly origin: Origin;
  /** Its address, for people: `tcp 127.0.0.1:7000`; empty when it has none. */
  readonly endpoint: string;
  /** Its processes, without their children. */
  readonly pids: readonly number[];
  readonly sessions: ReadonlySet<Session>;
  readonly counters: UnitCounters;
  /** The file with the output of its processes; null when there is none. */
  readonly output: string | null;
  /** Stopped by an operator's command: no new configuration starts it. */
  readonly stoppedByOperator: boolean;

  start(): Promise<void>;
  /** Updates `state`, where superd has to ask: it runs an init script with `status`. */
  look?(): Promise<void>;
  /** Refuses new clients and ends what runs. */
  stop(): Promise<void>;
  /** Ends its processes and starts it again; where possible, it refuses no client meanwhile. */
  restart(): Promise<void>;
  /** Signals the process groups of its processes. @returns their pids. */
  signal(signal: NodeJS.Signals): readonly number[];
  /** Makes its processes read their configuration again. */
  reload(): Promise<void>;
  /** Refuses new clients, and stops when the last session has ended. */
  drain(): Promise<void>;
  /** Runs this many replicas from now on, also after a restart of superd. @throws UnitError `not-scalable` for anything but a resident daemon. */
  scale(replicas: number): Promise<void>;
}

/**
 * The problem of a service that runs although its block in the files is wrong; empty without a mistake.
 *
 * @example describeMistake('/etc/xinetd.conf:7: unknown user bob') // 'runs with its last good settings: /etc/xinetd.conf:7: unknown user bob'
 */
export function describeMistake(mistake: string | undefined): string {
  return mistake === undefined ? '' : `runs with its last good settings: ${mistake}`;
}

export type UnitErrorCode = 'not-ended' | 'started-again' | 'not-ready' | 'not-reloadable' | 'not-scalable' | 'rejected' | 'gone';

/** A command to a unit failed. */
export class UnitError extends Error {
  readonly exitCode = 111;
  constructor(
    readonly code: UnitErrorCode,
    message: string,
  ) {
    super(message);
  }
}
