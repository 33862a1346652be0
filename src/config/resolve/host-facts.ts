import type { SourceEntries } from '../attributes/source-list.js';
import type { Findings } from '../diagnostic.js';
import type { NssFacts } from '../nss-facts.js';
import type { Credentials, SourceList } from '../plan.js';
import type { Disk } from '../read.js';

/** The facts about the host that decide how to run a program. */
export interface ProgramFacts {
  readonly facts: NssFacts;
  readonly executable: Disk['executable'];
  readonly highestLimit: Disk['highestLimit'];
  readonly unrunnable: Disk['unrunnable'];
  readonly self: Credentials | null;
}

/** Each written list is resolved, and its problems reported, once. */
type SourceLists = Map<SourceEntries, SourceList>;

/** The facts that all services of one load share. */
export interface HostFacts extends ProgramFacts {
  readonly lists: SourceLists;
  readonly hasSelinux: () => boolean;
  /** The names of the network devices. */
  readonly devices: () => readonly string[];
  /** The addresses of this machine; empty when no service needs them. */
  readonly ownAddresses: ReadonlySet<string>;
  /** Collects host names of address lists without an address. */
  readonly unresolved: Set<string>;
  /** Collects the findings about lines in defaults. */
  readonly shared: Findings;
}
