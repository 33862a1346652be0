/** Programs and their starts: `native/program.c`, `native/spawn*.c`, `native/child-init.c`. */
export interface SpawnBinding {
  /** Copies a program into native memory, once for all its starts; freed with the returned handle. */
  programCreate(spec: ProgramSpec): Program;
  /**
   * Queues a start, in order of arrival. `fds[i]` becomes descriptor i of the child, which has no others; `fds` may name a descriptor more than
   * once. With `closeAfter` the addon closes those that are 3 or higher once the child has its copies, also if the start fails.
   * `environment` is appended to the program's own. A `spawned` or `spawnFailed` record with `token` follows.
   */
  spawn(program: Program, fds: readonly number[], closeAfter: boolean, environment: readonly string[], token: number): void;
  /**
   * The same with `closeAfter`, except that the descriptors stay open when no process was created (step clone), so that the caller can try again.
   * With `linger` > 0 the addon keeps `fds[0]`, a connection, until the process has ended. Then it discards what the client has sent and the process
   * has not read, for that many milliseconds at most, so that the kernel does not reset the connection (`native/linger.c`).
   */
  spawnConnection(program: Program, fds: readonly number[], environment: readonly string[], token: number, linger: number): void;
  /**
   * `spawn` with `closeAfter` into a control group (cgroup v2). `group` is a descriptor of its directory, closed with the start. On kernels
   * without clone3(2) the process stays in superd's group.
   */
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
  /** −1 keeps that of superd. */
  readonly umask: number;
  readonly nice: number;
  /** Triples of RLIMIT number, soft, hard; Infinity is RLIM_INFINITY. */
  readonly limits: readonly number[];
  /** null keeps uid, gid and groups of superd. */
  readonly credentials: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | null;
  readonly newSession: boolean;
  readonly noNewPrivileges: boolean;
}

/** The steps of a start in order, as `spawnFailed` numbers them from 0. */
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
