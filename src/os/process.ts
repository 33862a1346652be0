import type { ExitStatus } from '../report/event.js';
import { native, systemError } from './native.js';

/** Signals the process started with `token`; false when it has ended. Never hits a later process of the same pid. */
export function signalToken(token: number, signal: number): boolean {
  return attempt('', (binding) => binding.signalToken(token, signal));
}

/**
 * Watches a process that need not be our child: the descriptor becomes readable when it ends, pidfd_open(2).
 *
 * @returns −1 when there is no such process.
 */
export function pidfdOpen(pid: number): number {
  return attempt(`of process ${pid}`, (binding) => binding.pidfdOpen(pid));
}

/** Signals the process behind a pidfd, never a later one of its number; false when it has ended. */
export function pidfdSignal(fd: number, signal: number): boolean {
  return attempt('', (binding) => binding.pidfdSignal(fd, signal));
}

/** Marks every open descriptor from `first` up close-on-exec, whatever RLIMIT_NOFILE is; close_range(2). */
export function closeOnExecFrom(first: number): void {
  attempt('', (binding) => binding.closeOnExecFrom(first));
}

/** @param resource RLIMIT_* as <sys/resource.h> numbers it on Linux. Infinity is RLIM_INFINITY. */
export function getResourceLimit(resource: number): [soft: number, hard: number] {
  return attempt('', (binding) => binding.getResourceLimit(resource));
}

/** @throws SystemError EPERM when `hard` is above the present one and the right to raise it is missing. */
export function setResourceLimit(resource: number, soft: number, hard: number): void {
  attempt('', (binding) => binding.setResourceLimit(resource, soft, hard));
}

/** Orphans of our children become ours, PR_SET_CHILD_SUBREAPER of prctl(2); `reapOrphans` has to be called from then on. */
export function becomeSubreaper(): void {
  attempt('', (binding) => binding.becomeSubreaper());
}

/**
 * Reaps ended children that neither the addon nor Node started. An ended child of those two that stands before them ends the
 * search, so it is to be called on SIGCHLD and after every `exited`.
 */
export function reapOrphans(): { readonly pid: number; readonly exit: ExitStatus }[] {
  const pairs = attempt('', (binding) => binding.reapOrphans());
  const orphans: { pid: number; exit: ExitStatus }[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) orphans.push({ pid: pairs[i] as number, exit: exitOf(pairs[i + 1] as number) });
  return orphans;
}

/** Reaps one that was known while it ran, whoever else has ended or starts; null when it has not ended, or is no orphan of ours. */
export function reapOrphan(pid: number): ExitStatus | null {
  const status = attempt('', (binding) => binding.reapOrphan(pid));
  return status === null ? null : exitOf(status);
}

/** A wait status, wait(2). */
function exitOf(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { kind: 'exited', status: status >>> 8 } : { kind: 'signaled', signal, core: (status & 0x80) !== 0 };
}

/**
 * Makes this process another program, execve(2), with descriptors 0 to 2 as they are and no other. It returns only by throwing.
 *
 * @param environment `NAME=value`.
 * @throws SystemError what the kernel has against it.
 */
export function execve(path: string, argv: readonly string[], environment: readonly string[]): never {
  return attempt(path, (binding) => binding.execve(path, argv, environment));
}

/** Gives clean pages of the program text back to the kernel, madvise(2); for moments of idleness. Returns bytes asked for. */
export function trimMemory(): number {
  return attempt('/proc/self/smaps', (binding) => binding.trimMemory());
}

function attempt<T>(subject: string, call: (binding: ReturnType<typeof native>) => T): T {
  try {
    return call(native());
  } catch (error) {
    throw systemError(error, subject);
  }
}
