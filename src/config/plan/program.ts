/** A program and the credentials it runs with. */
export interface ProgramPlan extends ExecutionPlan {
  readonly path: string;
  /** argv[0] and on. */
  readonly argv: readonly string[];
}

/** The credentials, environment and limits of everything that runs on a service's behalf. */
export interface ExecutionPlan {
  /** Names passed on from superd's environment; null passes on all that suit a child. */
  readonly passEnvironment: readonly string[] | null;
  /** Set after those, in order; a later variable replaces an earlier one. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly directory: string;
  readonly credentials: Credentials;
  /** The value for umask(2); null inherits superd's. */
  readonly umask: number | null;
  /** Added to superd's own nice value, as by nice(2). */
  readonly nice: number;
  readonly limits: readonly ResourceLimit[];
  /** Where descriptor 2 leads: to the client as in xinetd, to the log, or nowhere. */
  readonly stderr: 'client' | 'log' | 'null';
}

export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; an empty list drops them all. */
  readonly groups: readonly number[];
}

export interface ResourceLimit {
  readonly resource: 'as' | 'cpu' | 'data' | 'files' | 'rss' | 'stack';
  /** Soft and hard alike, in bytes, seconds (cpu) or descriptors (files); Infinity is RLIM_INFINITY. */
  readonly value: number;
}
