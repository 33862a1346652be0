import type { ProgramPlan, ResourceLimit } from '../config/plan.js';
import { describeErrno } from '../errors.js';
import type { Program, SpawnStep } from '../os/binding.js';
import { programCreate, spawn, spawnConnection, spawnInto } from '../os/spawn.js';
import { childEnvironment } from './environment.js';
import { executionProblemOf } from './execution-problem.js';
import type { ProcessWatcher, Registry } from './reaper.js';

/** What superd was started with and hands on to its children. */
export interface Inheritance {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** RLIMIT_NOFILE at the start of superd. Node raises its soft limit to the hard one, which servers must not inherit. */
  readonly filesLimit: readonly [soft: number, hard: number];
  /** Unless it is 0, superd can start servers only as this user. */
  readonly uid: number;
}

/** RLIMIT_* of <sys/resource.h> on Linux. */
const RLIMIT: Record<ResourceLimit['resource'], number> = { cpu: 0, data: 2, stack: 3, rss: 5, files: 7, as: 9 };

/** A program in native memory, so that each start passes only what differs between connections. */
export interface PreparedProgram {
  readonly plan: ProgramPlan;
  readonly handle: Program;
}

export function prepareProgram(plan: ProgramPlan, inheritance: Inheritance): PreparedProgram {
  const limits = plan.limits.flatMap(({ resource, value }) => [RLIMIT[resource], value, value]);
  if (!plan.limits.some(({ resource }) => resource === 'files')) limits.push(RLIMIT.files, ...inheritance.filesLimit);
  const handle = programCreate({
    path: plan.path,
    argv: plan.argv,
    environment: childEnvironment(plan, inheritance.environment),
    listenPid: false,
    directory: plan.directory,
    umask: plan.umask ?? -1,
    nice: plan.nice,
    limits,
    credentials: inheritance.uid !== 0 && plan.credentials.uid === inheritance.uid ? null : plan.credentials,
    newSession: true,
    noNewPrivileges: false,
  });
  return { plan, handle };
}

/**
 * Starts a server with one socket on its descriptors 0 and 1, as inetd does. superd closes both descriptors, since a copy would hide the
 * end of the server from the client.
 *
 * @param errors Its descriptor 2, usually the socket as well.
 * @throws when nothing could be queued; then the caller still owns the descriptors.
 */
export function launch(
  program: PreparedProgram,
  socket: number,
  errors: number,
  environment: readonly string[],
  reaper: Registry,
  watcher: ProcessWatcher,
): void {
  launchWith(program, [socket, socket, errors], environment, reaper, watcher);
}

/** Starts a program with `fds[i]` as its descriptor i, and closes them as `launch` does. */
export function launchWith(
  program: PreparedProgram,
  fds: readonly number[],
  environment: readonly string[],
  reaper: Registry,
  watcher: ProcessWatcher,
): void {
  register(reaper, watcher, (token) => spawn(program.handle, fds, true, environment, token));
}

/**
 * Starts a program in a control group, otherwise like `launchWith`.
 *
 * @param group Descriptor of the group's directory, which this closes as well; −1 for superd's own group.
 */
export function launchInto(
  group: number,
  program: PreparedProgram,
  fds: readonly number[],
  environment: readonly string[],
  reaper: Registry,
  watcher: ProcessWatcher,
): void {
  if (group === -1) launchWith(program, fds, environment, reaper, watcher);
  else register(reaper, watcher, (token) => spawnInto(program.handle, fds, environment, token, group));
}

/**
 * Starts a server for a client that can wait, otherwise like `launch`: when the kernel has no process for it (`failed` with the step
 * `clone`), the caller owns the descriptors again.
 *
 * @param linger As for `spawnConnection` of os/spawn.
 */
export function launchConnection(
  program: PreparedProgram,
  socket: number,
  errors: number,
  environment: readonly string[],
  linger: number,
  reaper: Registry,
  watcher: ProcessWatcher,
): void {
  register(reaper, watcher, (token) => spawnConnection(program.handle, [socket, socket, errors], environment, token, linger));
}

/**
 * Why a start failed, for people.
 *
 * @example describeStartFailure('execve', 2, { path: '/bin/x', directory: '/' }) // 'execve /bin/x: no such file or directory (ENOENT)'
 */
export function describeStartFailure(step: SpawnStep, errno: number, { path, directory }: Pick<ProgramPlan, 'path' | 'directory'>): string {
  if (step === 'timeout') return `${path} had not started after 2 s and was killed`;
  const [code, text] = describeErrno(errno);
  const subject = step === 'execve' ? ` ${path}` : step === 'chdir' ? ` ${directory}` : '';
  const reason = step === 'execve' ? executionProblemOf(path, errno) : null;
  return `${step}${subject}: ${text} (${code})${reason === null ? '' : `; ${reason}`}`;
}

function register(reaper: Registry, watcher: ProcessWatcher, start: (token: number) => void): void {
  const token = reaper.register(watcher);
  try {
    start(token);
  } catch (error) {
    reaper.forget(token);
    throw error;
  }
}
