import type { Program, ProgramSpec } from './binding.js';
import { native } from './native.js';

/** Copies a program into native memory, once for all its starts; freed with the handle. */
export function programCreate(spec: ProgramSpec): Program {
  return native().programCreate(spec);
}

/**
 * Queues a start, in order of arrival; the open loop's `spawned` or `spawnFailed` tells how it went, and `exited` how it ended.
 *
 * @param fds `fds[i]` becomes descriptor i of the process, which has no others; one may stand more than once.
 * @param closeAfter Closes those ≥ 3 here once the process has its own, also if the start fails. They are not ours from this call on.
 * @param environment `NAME=value`, after the program's own.
 * @param token Positive, and of no other process that is still known.
 */
export function spawn(program: Program, fds: readonly number[], closeAfter: boolean, environment: readonly string[], token: number): void {
  native().spawn(program, fds, closeAfter, environment, token);
}

/** As `spawn` with `closeAfter`; but where `spawnFailed` tells of the step `clone`, the descriptors are open and the caller's again. */
export function spawnConnection(program: Program, fds: readonly number[], environment: readonly string[], token: number): void {
  native().spawnConnection(program, fds, environment, token);
}

/** As `spawn` with `closeAfter`, into a control group: `group` is a descriptor of its directory, given away as well. Where the kernel cannot, the process is in ours. */
export function spawnInto(program: Program, fds: readonly number[], environment: readonly string[], token: number, group: number): void {
  native().spawnInto(program, fds, environment, token, group);
}
