import type { Loop } from '../os/loop.js';
import type { Inheritance } from '../process/launch.js';
import type { Reaper } from '../process/reaper.js';
import type { EventSink, Notice } from '../report/event.js';
import type { OperatorOverrides } from '../state/operator-overrides.js';

/** Reports what happens. */
export interface ReportContext {
  readonly emit: EventSink;
  /** Emits a message for people. */
  readonly notice: (level: Notice['level'], message: string) => void;
  /** Reports an error of superd itself. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Waits for descriptors on the daemon's only epoll set. */
export interface WatchContext {
  readonly loop: Loop;
  /** Called when a descriptor that belongs to no service is readable or writable, by the token that it is watched under. */
  readonly readers: Map<number, () => void>;
  /** Unique in one run, among services and readers. */
  readonly nextToken: () => number;
}

/** Bounds how often superd reads pipes whose writers may be fast. Between two reads the pipe fills, and its writer blocks. */
export interface Pace {
  /** Calls a function when it is time to read again. @returns a function that prevents the call. */
  wait(readAgain: () => void): () => void;
}

/** Reads the output of servers and daemons. */
export interface OutputContext extends ReportContext, WatchContext {
  readonly pace: Pace;
}

/** What operators said by command, whatever the configuration says. */
export interface OverrideContext {
  readonly overrides: Pick<OperatorOverrides, 'stopped' | 'replicas'>;
}

/** Starts processes. */
export interface SpawnContext {
  readonly reaper: Reaper;
  readonly inheritance: Inheritance;
}
