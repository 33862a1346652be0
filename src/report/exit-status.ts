import type { ExitStatus } from './event.js';

/** @example describeExit({ kind: 'exited', status: 1 }) // 'exit 1' */
export function describeExit(exit: ExitStatus): string {
  if (exit.kind === 'exited') return `exit ${exit.status}`;
  return `signal ${exit.signal}${exit.core ? ' (core dumped)' : ''}`;
}

/**
 * As a shell has it in `$?`: 128 and the signal for a process that a signal ended.
 *
 * @example shellStatus({ kind: 'signaled', signal: 9, core: false }) // 137
 */
export function shellStatus(exit: ExitStatus): number {
  return exit.kind === 'exited' ? exit.status : 128 + exit.signal;
}
