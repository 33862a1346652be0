import type { ExitStatus } from '../report/event.js';

/** @example describeExit({ kind: 'exited', status: 1 }) // 'exit 1' */
export function describeExit(exit: ExitStatus | null): string {
  if (exit === null) return 'ended';
  return exit.kind === 'exited' ? `exit ${exit.status}` : `signal ${exit.signal}${exit.core ? ' (core dumped)' : ''}`;
}

/** @example describeMs(1500) // '1.5 s' */
export function describeMs(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 600_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 60_000)} min`;
}
