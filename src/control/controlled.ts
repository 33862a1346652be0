import type { Block, Operator } from '../config/entries.js';
import type { Loaded } from '../config/load.js';
import type { Credentials, Plan } from '../config/plan.js';
import type { Change } from '../engine/change.js';
import type { Engine } from '../engine/engine.js';
import type { Event } from '../report/event.js';
import type { PrivateAddresses } from '../report/log/private-address.js';
import type { LoopDelay } from '../report/metrics/loop-delay.js';
import type { Metrics } from '../report/metrics/metrics.js';
import type { Recent } from './recent.js';

/** A configuration that runs until somebody says that it may stay. */
export interface TrialOfPlan {
  readonly isPending: boolean;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly ended: Promise<'confirmed' | 'rolled-back'>;
  confirm(): Promise<'confirmed' | 'rolled-back'>;
  rollBack(): Promise<'confirmed' | 'rolled-back'>;
}

/** An attribute of a service that stands in no file. */
export type RunLine = readonly [name: string, operator: Operator, value: string];

/** What the control socket needs of the daemon; made by superd/controlled. */
export interface Controlled {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly loopDelay: LoopDelay;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The main configuration file. */
  readonly configPath: string;
  /** An inetd.conf that is read as well. */
  readonly inetdConf: string | null;
  readonly pidfile: string | null;
  /** The state directory; null where nothing is kept. */
  readonly state: string | null;
  /** Milliseconds since the epoch; not always the machine's clock (`--clock`). */
  now(): number;
  /** Who may ask: that of the plan that runs. */
  callers(): Plan['control'];
  /** As whom a service runs that names no user; null where each must name one. */
  readonly self: Credentials | null;
  /** What operators have switched on (true) or off, by id, whatever the files say. */
  switched(): ReadonlyMap<string, boolean>;
  /** The configuration as it stands in the files. @throws ConfigError `config-unreadable`. */
  load(): Promise<Loaded>;
  /** From the next time it is read, whatever the files say; by id. */
  switch(ids: readonly string[], how: 'on' | 'off'): Promise<void>;
  /** Services that stand in no file. */
  runBlocks(): readonly Block[];
  /**
   * Has one more of them.
   *
   * @param name null has one made of the usual one.
   * @returns its id.
   * @throws ConfigError with all that is wrong.
   */
  run(name: string | null, usual: string, lines: readonly RunLine[]): Promise<string>;
  /** Ends and forgets them. */
  delete(ids: readonly string[]): Promise<void>;
  /** Goes over to it. @throws ConfigError, SystemError: nothing has changed then. */
  apply(): Promise<Change>;
  /** Goes over to it for a time, milliseconds. */
  try(ms: number): Promise<TrialOfPlan>;
  /** What is tried now. */
  trial(): TrialOfPlan | null;
  /** Writes what has changed of that which outlives superd. */
  keep(): void;
  /** Ends superd with everything it has started. */
  shutdown(): void;
  /** What has happened lately. */
  readonly recent: Recent;
  /** Hides those of clients from who may only look. */
  readonly addresses: PrivateAddresses;
  /** Hears what went wrong in superd itself. */
  onError(error: unknown): void;
  /** @returns what ends the listening. */
  onEvent(listener: (event: Event) => void): () => void;
}
