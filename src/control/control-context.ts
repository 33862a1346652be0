import type { Diagnostic } from '../config/diagnostic.js';
import type { Block } from '../config/entries.js';
import type { Loaded } from '../config/load.js';
import type { Credentials, Plan } from '../config/plan.js';
import type { Engine } from '../engine/engine.js';
import type { PlanChange } from '../engine/plan-updates.js';
import type { Event } from '../report/event.js';
import type { PrivateAddresses } from '../report/log/private-address.js';
import type { LoopDelay } from '../report/metrics/loop-delay.js';
import type { Metrics } from '../report/metrics/metrics.js';
import type { RunLine } from '../state/operator-overrides.js';
import type { RecentEvents } from './recent-events.js';

export type ProvisionalApplyEnd = 'confirmed' | 'rolled-back';

/** An apply that superd rolls back at the deadline unless the operator confirms it. */
export interface PendingApply {
  readonly isPending: boolean;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly ended: Promise<ProvisionalApplyEnd>;
  confirm(): Promise<ProvisionalApplyEnd>;
  rollBack(): Promise<ProvisionalApplyEnd>;
}

/** What the verbs use of the daemon. superd/control-context.ts implements it. */
export interface ControlContext {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly loopDelay: LoopDelay;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The main configuration file. */
  readonly configPath: string;
  /** The inetd.conf that superd reads as well; null for none. */
  readonly inetdConf: string | null;
  readonly pidfile: string | null;
  /** The state directory; null when superd keeps nothing. */
  readonly state: string | null;
  /** Milliseconds since the epoch; differs from the machine's clock with `--clock`. */
  now(): number;
  /** `control_admin` and `control_read` of the running plan. */
  allowedClients(): Plan['control'];
  /** The credentials of services without `user`; null when each service must name one. */
  readonly defaultCredentials: Credentials | null;
  /** The ids of services that an operator enabled (true) or disabled (false), whatever the files say. */
  enabledByOperator(): ReadonlyMap<string, boolean>;
  /** The configuration in the files, with the operator's overrides. @throws ConfigError `config-unreadable`. */
  load(): Promise<Loaded>;
  /** Enables or disables services by id, whatever the files say, from the next reading of the configuration on. */
  setEnabled(ids: readonly string[], how: 'on' | 'off'): Promise<void>;
  /** The services that `run` added. */
  runBlocks(): readonly Block[];
  /**
   * Adds a service that no file mentions.
   *
   * @param name null: superd derives one from `usual`.
   * @returns Its id.
   * @throws ConfigError with everything that is wrong.
   */
  run(name: string | null, usual: string, lines: readonly RunLine[]): Promise<string>;
  /** Ends services that `run` added, and forgets them. */
  delete(ids: readonly string[]): Promise<void>;
  /** The plan that `apply` would apply: services that have become wrong keep their last good settings. */
  planOf(loaded: Loaded): Plan;
  /** The mistakes for which `apply` would change nothing: the running configuration does not have them. */
  newMistakesIn(loaded: Loaded): Diagnostic[];
  /** Applies the configuration in the files, as a whole or not at all. @throws ConfigError, SystemError; nothing has changed then. */
  apply(): Promise<PlanChange>;
  /** As `apply`, but a new mistake affects only its own service, as with SIGHUP. */
  reload(): Promise<PlanChange>;
  /** As `apply`, but superd rolls back after `ms` milliseconds without a confirmation. @returns null when nothing changes. */
  applyProvisionally(ms: number): Promise<PendingApply | null>;
  pendingApply(): PendingApply | null;
  /** Writes unsaved state to disk. */
  flushState(): void;
  /** Ends superd and everything that it started. */
  shutdown(): void;
  readonly recent: RecentEvents;
  /** Hides client addresses from clients with the role `read`. */
  readonly addresses: PrivateAddresses;
  /** Reports an internal error. */
  onError(error: unknown): void;
  /** @returns A function that removes the listener. */
  onEvent(listener: (event: Event) => void): () => void;
}
