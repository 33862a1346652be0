/** Programs, and their starts: `native/program.c`, `native/spawn*.c`, `native/child-init.c`. */
export interface SpawnBinding {
  /** Copies a program into native memory, once for all its starts; freed with the returned handle. */
  programCreate(spec: ProgramSpec): Program;
  /**
   * Queues a start, in order of arrival. `fds[i]` becomes descriptor i of the child; the same descriptor may stand more than
   * once, and the child has no other descriptors. With `closeAfter`, the descriptors ≥ 3 among them are closed here as soon as the child has its own, also if the start
   * fails. `environment` is added after the program's own. A `spawned` or `spawnFailed` record with `token` follows.
   */
  spawn(program: Program, fds: readonly number[], closeAfter: boolean, environment: readonly string[], token: number): void;
  /** The same with `closeAfter`, but when there was no process at all (step clone) the descriptors stay open, to be tried again with. */
  spawnConnection(program: Program, fds: readonly number[], environment: readonly string[], token: number): void;
  /** `spawn` with `closeAfter` into a control group (cgroup v2): `group` is its directory, which is given away as well. Where the kernel cannot, the process is in ours. */
  spawnInto(program: Program, fds: readonly number[], environment: readonly string[], token: number, group: number): void;
}

/** A prepared program; opaque. */
export type Program = { readonly __program: unique symbol };

export interface ProgramSpec {
  readonly path: string;
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  /** Adds `LISTEN_PID=<pid of the child>`, sd_listen_fds(3). */
  readonly listenPid: boolean;
  readonly directory: string;
  /** −1 leaves it. */
  readonly umask: number;
  readonly nice: number;
  /** Triples of RLIMIT number, soft, hard; Infinity is RLIM_INFINITY. */
  readonly limits: readonly number[];
  /** null leaves uid, gid and groups alone. */
  readonly credentials: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | null;
  readonly newSession: boolean;
  readonly noNewPrivileges: boolean;
}

/** The steps of a start in their order, as `spawnFailed` numbers them from 0. */
export const spawnSteps = [
  'clone',
  'signals',
  'setsid',
  'fds',
  'chdir',
  'umask',
  'setrlimit',
  'nice',
  'setgroups',
  'setgid',
  'setuid',
  'no_new_privs',
  'execve',
  'timeout',
] as const;
export type SpawnStep = (typeof spawnSteps)[number];
