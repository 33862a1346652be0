import type { Prefix } from '../../address/prefix-set.js';
import type { Origin } from '../../errors.js';

/** Everything a connection must pass. `Infinity` stands for UNLIMITED, null for «not asked». */
export interface GatePlan {
  /** `superd`: addresses first, so that strangers cannot use up what others may have. `xinetd`: limits first. */
  readonly order: 'superd' | 'xinetd';
  /** shadow: everything is asked, counted and told, and nobody refused. */
  readonly enforce: 'on' | 'shadow';
  /** The flag SENSOR: nobody is let in, and whoever tries is banned for so many seconds (0: not at all; Infinity). null: no sensor. */
  readonly sensor: { readonly banSeconds: number } | null;
  /** Whoever is refused too often is banned. */
  readonly banAfter: BanAfterPlan | null;
  readonly instances: number;
  readonly perSource: number;
  readonly cps: CpsPlan | null;
  /** Connections that one source may make. */
  readonly rate: RatePlan | null;
  /** Sessions that all addresses of one network may have at once; the shortest prefixes first. */
  readonly perPrefix: readonly PrefixLimit[];
  /** Clients that wait instead of being refused, and how long. */
  readonly queue: { readonly most: number; readonly seconds: number } | null;
  /** When a session is ended: after so many seconds, and after so many in which nobody said anything; null is never. */
  readonly session: { readonly limitSeconds: number | null; readonly idleSeconds: number | null } | null;
  /** Whom `rate`, `perSource`, `perPrefix` and a `cps` of one source do not count. */
  readonly exempt: readonly Prefix[];
  /** One-minute load average at which connections are refused. */
  readonly maxLoad: number | null;
  /** Local time, minutes since midnight, both ends belong to it; `from > to` runs over midnight. Empty refuses always. */
  readonly accessTimes: readonly { readonly from: number; readonly to: number }[] | null;
  readonly onlyFrom: SourceList | null;
  readonly noAccess: SourceList | null;
  /** The daemon name that the access rules are asked about; null is NOLIBWRAP. */
  readonly wrappers: string | null;
  /** IDONLY: only clients whose host tells their user (RFC 1413). */
  readonly requiresIdent: boolean;
  /** Where what stands here was written, by the attribute's name; nothing for what is in force unwritten. */
  readonly origins: Readonly<Partial<Record<string, Origin>>>;
}

export interface CpsPlan {
  readonly max: number;
  readonly waitSeconds: number;
  /** Whom it closes the door to: everybody, as xinetd, or the source that went too far. */
  readonly scope: 'service' | 'source';
}

/** A bucket of `burst` connections that fills again at so many a second. */
export interface RatePlan {
  readonly perSecond: number;
  readonly burst: number;
}

/** So many refusals within so many seconds, and for how long then. */
export interface BanAfterPlan {
  readonly refusals: number;
  readonly seconds: number;
  readonly banSeconds: number;
}

export interface PrefixLimit {
  readonly family: 4 | 6;
  /** Bits, counted as the family does. */
  readonly length: number;
  readonly most: number;
}

/** A list of clients; present and empty it matches nobody. */
export interface SourceList {
  /** Numeric entries, and what host names in the list resolved to. */
  readonly prefixes: readonly Prefix[];
  /** Host names and `.domain` endings, lower case: matched against the client's confirmed name. */
  readonly names: readonly string[];
}
