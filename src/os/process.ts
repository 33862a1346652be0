import type { ExitStatus } from '../report/event.js';
import { callNative } from './native.js';

/** Signals the process started with `token`; false when it has ended. Never signals a later process with the same pid. */
export function signalToken(token: number, signal: number): boolean {
  return callNative('', (binding) => binding.signalToken(token, signal));
}

/**
 * Signals the process group that the process started with `token` leads, by its pidfd; false when the process has ended, null before Linux
 * 6.9, which has no such signal.
 */
export function signalGroupOfToken(token: number, signal: number): boolean | null {
  return callNative('', (binding) => binding.signalGroupOfToken(token, signal));
}

/**
 * A descriptor that becomes readable when the process ends, pidfd_open(2). The process need not be a child.
 *
 * @returns −1 when there is no such process.
 */
export function pidfdOpen(pid: number): number {
  return callNative(`of process ${pid}`, (binding) => binding.pidfdOpen(pid));
}

/** Signals the process of a pidfd, never a later one with its pid; false when it has ended. */
export function pidfdSignal(fd: number, signal: number): boolean {
  return callNative('', (binding) => binding.pidfdSignal(fd, signal));
}

/** Marks every open descriptor from `first` up close-on-exec, close_range(2). */
export function closeOnExecFrom(first: number): void {
  callNative('', (binding) => binding.closeOnExecFrom(first));
}

/** @param resource RLIMIT_* as <sys/resource.h> numbers it on Linux. Infinity is RLIM_INFINITY. */
export function getResourceLimit(resource: number): [soft: number, hard: number] {
  return callNative('', (binding) => binding.getResourceLimit(resource));
}

/** @throws SystemError EPERM when `hard` is above the present hard limit and superd may not raise it. */
export function setResourceLimit(resource: number, soft: number, hard: number): void {
  callNative('', (binding) => binding.setResourceLimit(resource, soft, hard));
}

/** Makes orphaned descendants children of superd, PR_SET_CHILD_SUBREAPER of prctl(2). From then on superd must call `reapOrphans`. */
export function becomeSubreaper(): void {
  callNative('', (binding) => binding.becomeSubreaper());
}

/**
 * Reaps ended children that neither the addon nor Node started. The search stops at an ended child of these two, so call it on SIGCHLD and
 * after every `exited`.
 */
export function reapOrphans(): { readonly pid: number; readonly exit: ExitStatus }[] {
  const pairs = callNative('', (binding) => binding.reapOrphans());
  const orphans: { pid: number; exit: ExitStatus }[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) orphans.push({ pid: pairs[i] as number, exit: exitOf(pairs[i + 1] as number) });
  return orphans;
}

/** Reaps one orphan, whose pid was known while it ran; null when it has not ended, or is not an orphan of superd. */
export function reapOrphan(pid: number): ExitStatus | null {
  const status = callNative('', (binding) => binding.reapOrphan(pid));
  return status === null ? null : exitOf(status);
}

/** A wait status, wait(2). */
function exitOf(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { kind: 'exited', status: status >>> 8 } : { kind: 'signaled', signal, core: (status & 0x80) !== 0 };
}

/**
 * Replaces this process by another program, execve(2), which inherits descriptors 0 to 2 only. Returns only by throwing.
 *
 * @param environment `NAME=value`.
 * @throws SystemError
 */
export function execve(path: string, argv: readonly string[], environment: readonly string[]): never {
  return callNative(path, (binding) => binding.execve(path, argv, environment));
}

/** Returns clean pages of program text to the kernel, madvise(2); for idle moments. Returns the bytes of the mappings. */
export function trimMemory(): number {
  return callNative('/proc/self/smaps', (binding) => binding.trimMemory());
}
