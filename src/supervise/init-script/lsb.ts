/** The argument of an init script, LSB «Init Script Actions». */
export type ScriptAction = 'start' | 'stop' | 'restart' | 'reload' | 'status';

/** Exit statuses of all actions but `status`. */
const PROBLEM: Readonly<Record<number, string>> = {
  1: 'failed',
  2: 'invalid or excess arguments',
  3: 'is not implemented',
  4: 'insufficient privilege',
  5: 'its program is not installed',
  6: 'is not configured',
  7: 'its program does not run',
  126: 'cannot be executed',
  127: 'did not find a command',
};

/**
 * What the exit status of an action says, for people; null when it succeeded. The application defines 150 to 254.
 *
 * @param status null when the script was killed.
 * @example describeAction('start', 5) // 'start: its program is not installed (exit 5)'
 */
export function describeAction(action: ScriptAction, status: number | null): string | null {
  if (status === 0) return null;
  if (status === null) return `${action}: the script was killed`;
  return `${action}: ${PROBLEM[status] ?? 'failed'} (exit ${status})`;
}

/** The status of a service, as its script reports it. */
export type LsbStatus = 'runs' | 'dead' | 'stopped' | 'unknown';

/**
 * @param status The exit status of the action `status`; null when the script was killed.
 * @example lsbStatusOf(3) // 'stopped'
 */
export function lsbStatusOf(status: number | null): LsbStatus {
  if (status === 0) return 'runs';
  if (status === 1 || status === 2) return 'dead';
  return status === 3 ? 'stopped' : 'unknown';
}

/** The exit status of the action `status`, for people. */
export function describeStatus(status: number | null): string {
  if (status === 1) return 'dead, and its pidfile is left (status 1)';
  if (status === 2) return 'dead, and its lock is left (status 2)';
  if (status === 3) return 'does not run (status 3)';
  return `the script cannot tell (status ${status ?? 'unknown: killed'})`;
}
