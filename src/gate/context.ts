import type { AccessTables } from '../access/index.js';
import type { Bans } from './bans.js';
import type { HashKey } from './keyed-hash.js';
import type { SourceTable } from './source-table.js';

/** What the gates of all services share. */
export interface GateContext {
  /** Running instances of all services together. */
  running(): number;
  /** `-limit`: the most instances of all services together; Infinity for no limit. */
  readonly processLimit: number;
  /** The one-minute load average. */
  load(): number;
  /** Minutes since local midnight at a time given in milliseconds. */
  minuteOfDay(now: number): number;
  /** hosts.allow and hosts.deny in their current version. */
  tables(): AccessTables;
  /** Sources that every service refuses. */
  readonly bans: Bans;
  /** The secret of this run for the tables of sources. */
  hashKey(): HashKey;
  /** Checks a table after a write: it may have evicted records. */
  reportEvictions(table: SourceTable): void;
}
