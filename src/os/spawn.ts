import type { Program, ProgramSpec } from './binding.js';
import { native } from './native.js';

/** Copies a program into native memory, once for all its starts; freed with the handle. */
export function programCreate(spec: ProgramSpec): Program {
  return native().programCreate(spec);
}

/**
 * Queues a start, in order of arrival. The loop's handler `spawned` or `spawnFailed` is called with the result, and `exited` at the end.
 *
 * @param fds `fds[i]` becomes descriptor i of the process, which has no others; a descriptor may be named more than once.
 * @param closeAfter Closes those ≥ 3 once the process has its copies, also if the start fails. The caller gives them up with this call.
 * @param environment `NAME=value`, after the program's own.
 * @param token Positive and unique among the processes that have not been reported as exited.
 */
export function spawn(program: Program, fds: readonly number[], closeAfter: boolean, environment: readonly string[], token: number): void {
  native().spawn(program, fds, closeAfter, environment, token);
}

/**
 * `spawn` with `closeAfter`, except that the caller keeps the descriptors when `spawnFailed` reports the step `clone`.
 *
 * @param linger For how many milliseconds the connection `fds[0]` lingers when the process ends with unread input, so that the client gets the
 *   answer and no reset; 0 for not at all.
 */
export function spawnConnection(
  program: Program,
  fds: readonly number[],
  environment: readonly string[],
  token: number,
  linger: number,
): void {
  native().spawnConnection(program, fds, environment, token, linger);
}

/**
 * `spawn` with `closeAfter` into a control group: `group` is a descriptor of its directory, closed too. On kernels without clone3(2) the
 * process stays in superd's group.
 */
export function spawnInto(program: Program, fds: readonly number[], environment: readonly string[], token: number, group: number): void {
  native().spawnInto(program, fds, environment, token, group);
}
