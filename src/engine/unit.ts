import type { Activation } from '../config/plan.js';
import type { Origin } from '../errors.js';
import type { UnitState } from '../report/states.js';
import type { Session } from './sessions/session.js';

const UP: ReadonlySet<UnitState> = new Set(['listening', 'paused', 'running']);

/**
 * Whether it does what it is there for, as an LSB init script would answer `status`.
 *
 * @example isUp('listening') // true
 */
export function isUp(state: UnitState): boolean {
  return UP.has(state);
}

/** What was counted since superd started, or the service first appeared in its configuration. */
export interface UnitCounters {
  /** Sessions admitted, and of a daemon its starts. */
  readonly started: number;
  readonly refused: number;
  /** Starts that came to nothing. */
  readonly failed: number;
  /** Starts after an end that nobody asked for. */
  readonly restarts: number;
}

/**
 * What an operator sees and commands, whatever starts it: a door that starts servers on request, a resident daemon.
 *
 * The commands settle when what was asked for is so, and reject with SystemError (the machine refused) or `UnitError`. Commands to
 * one unit are carried out in order. What is so already is no error.
 */
export interface Unit {
  /** Unique by convention only: a command to an id goes to all that have it. */
  readonly id: string;
  readonly name: string;
  readonly activation: Activation;
  readonly state: UnitState;
  /** Why it failed or waits, for people; empty when all is well. */
  readonly problem: string;
  /** Since when it stands so, milliseconds since the epoch. */
  readonly since: number;
  /** Where its configuration stands. */
  readonly origin: Origin;
  /** Where it is reached, for people: `tcp 127.0.0.1:7000`; empty when nowhere. */
  readonly endpoint: string;
  /** Its processes, without their children. */
  readonly pids: readonly number[];
  readonly sessions: ReadonlySet<Session>;
  readonly counters: UnitCounters;
  /** The file that holds what its processes say, or null. */
  readonly output: string | null;
  /** Stopped by an operator's command: no new configuration starts it. */
  readonly stoppedByOperator: boolean;

  start(): Promise<void>;
  /** Finds out how it stands, where that takes asking: an init script is asked for its status. */
  look?(): Promise<void>;
  /** Refuses new clients and ends what runs. */
  stop(): Promise<void>;
  /** Ends what runs and begins anew, without a moment in which clients would be refused where that can be had. */
  restart(): Promise<void>;
  /** Has what runs read its own configuration again; where nothing stays in memory there is nothing to do. */
  reload(): Promise<void>;
  /** Refuses new clients, and is stopped when the last one has left. */
  drain(): Promise<void>;
  /** Runs so many replicas from now on, in the next run of superd as well. @throws UnitError `not-scalable` where nothing is resident. */
  scale(replicas: number): Promise<void>;
}

export type UnitErrorCode = 'not-ended' | 'started-again' | 'not-ready' | 'not-reloadable' | 'not-scalable' | 'gone';

/** A command to a unit did not lead where it should. */
export class UnitError extends Error {
  readonly exitCode = 111;
  constructor(
    readonly code: UnitErrorCode,
    message: string,
  ) {
    super(message);
  }
}
