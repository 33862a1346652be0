/** What runs, and as whom. */
export interface ProgramPlan extends ExecutionPlan {
  readonly path: string;
  /** argv[0] and on. */
  readonly argv: readonly string[];
}

/** As whom something runs on a service's behalf, and in what surroundings. */
export interface ExecutionPlan {
  /** Names taken from superd's own environment; null takes all that is fit for a child. */
  readonly passEnvironment: readonly string[] | null;
  /** Set after those, in order; a later one replaces an earlier. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly directory: string;
  readonly credentials: Credentials;
  /** Octal value of umask(2); null inherits superd's. */
  readonly umask: number | null;
  /** Added to superd's own, as nice(2) does. */
  readonly nice: number;
  readonly limits: readonly ResourceLimit[];
  /** Where descriptor 2 leads: to the client as in xinetd, into the log, or nowhere. */
  readonly stderr: 'client' | 'log' | 'null';
}

export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; empty gives them all up. */
  readonly groups: readonly number[];
}

export interface ResourceLimit {
  readonly resource: 'as' | 'cpu' | 'data' | 'files' | 'rss' | 'stack';
  /** Soft and hard alike, in bytes, seconds (cpu) or descriptors (files); Infinity is RLIM_INFINITY. */
  readonly value: number;
}
