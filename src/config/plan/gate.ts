import type { Prefix } from '../../address/prefix-set.js';
import type { Origin } from '../../errors.js';

/** Everything a connection must pass. `Infinity` means UNLIMITED, null a check that the service does not have. */
export interface GatePlan {
  /** `superd`: addresses first, so that strangers cannot use up the limits. `xinetd`: limits first. */
  readonly order: 'superd' | 'xinetd';
  /** shadow: the gate runs, counts and logs every check, and admits every client. */
  readonly enforce: 'on' | 'shadow';
  /** The flag SENSOR: the service admits no client and bans those that try for so many seconds (0: no ban; Infinity: permanent). null: no sensor. */
  readonly sensor: { readonly banSeconds: number } | null;
  /** When refusals ban a source. */
  readonly banAfter: BanAfterPlan | null;
  readonly instances: number;
  readonly perSource: number;
  readonly cps: CpsPlan | null;
  /** The connections that one source may make. */
  readonly rate: RatePlan | null;
  /** The sessions that all addresses of one network may have at once; the shortest prefixes first. */
  readonly perPrefix: readonly PrefixLimit[];
  /** How many clients wait instead of being refused, and how long. */
  readonly queue: { readonly most: number; readonly seconds: number } | null;
  /** When superd ends a session: after so many seconds, and after so many without data in either direction; null for never. */
  readonly session: { readonly limitSeconds: number | null; readonly idleSeconds: number | null } | null;
  /** Sources that `rate`, `perSource`, `perPrefix` and a `cps` of one source do not count. */
  readonly exempt: readonly Prefix[];
  /** The one-minute load average from which the gate refuses connections. */
  readonly maxLoad: number | null;
  /** Minutes since local midnight, both ends included; `from > to` runs over midnight. An empty list refuses always. */
  readonly accessTimes: readonly { readonly from: number; readonly to: number }[] | null;
  readonly onlyFrom: SourceList | null;
  readonly noAccess: SourceList | null;
  /** The daemon name for the access rules; null with NOLIBWRAP. */
  readonly wrappers: string | null;
  /** IDONLY: only clients whose host identifies their user (RFC 1413). */
  readonly requiresIdent: boolean;
  /** Where the attributes of the gate are written, by name; defaults have no entry. */
  readonly origins: Readonly<Partial<Record<string, Origin>>>;
}

export interface CpsPlan {
  readonly max: number;
  readonly waitSeconds: number;
  /** What closes: the whole service, as in xinetd, or only the source that connects too often. */
  readonly scope: 'service' | 'source';
}

/** A bucket of `burst` connections that refills at `perSecond`. */
export interface RatePlan {
  readonly perSecond: number;
  readonly burst: number;
}

/** The number of refusals within so many seconds that bans a source, and for how long. */
export interface BanAfterPlan {
  readonly refusals: number;
  readonly seconds: number;
  readonly banSeconds: number;
}

export interface PrefixLimit {
  readonly family: 4 | 6;
  /** Bits, counted as in the family. */
  readonly length: number;
  readonly most: number;
}

/** A list of clients; an empty list matches none. */
export interface SourceList {
  /** Numeric entries, and the addresses that the host names of the list resolved to. */
  readonly prefixes: readonly Prefix[];
  /** Host names and `.domain` endings, lower case: matched against the client's confirmed name. */
  readonly names: readonly string[];
}
