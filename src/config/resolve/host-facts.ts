import type { SourceEntries } from '../attributes/source-list.js';
import type { Findings } from '../diagnostic.js';
import type { NssFacts } from '../nss-facts.js';
import type { Credentials, SourceList } from '../plan.js';
import type { Disk } from '../read.js';

/** What the answers hang on besides the text. */
export interface ProgramFacts {
  readonly facts: NssFacts;
  readonly executable: Disk['executable'];
  readonly self: Credentials | null;
}

/** Lists are resolved, and trouble with them told, once for each place they are written at. */
type SourceLists = Map<SourceEntries, SourceList>;

/** What all services of one load share. */
export interface HostFacts extends ProgramFacts {
  readonly lists: SourceLists;
  readonly hasSelinux: () => boolean;
  /** Of this machine; empty where nobody wants to know. */
  readonly ownAddresses: ReadonlySet<string>;
  /** Collects host names of address lists that have no address now. */
  readonly unresolved: Set<string>;
  /** Takes what is found about lines in defaults. */
  readonly shared: Findings;
}
