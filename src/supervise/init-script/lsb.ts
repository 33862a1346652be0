/** What init scripts are told, LSB «Init Script Actions». */
export type Word = 'start' | 'stop' | 'restart' | 'reload' | 'status';

/** Of the words that change something. */
const ACTION: Readonly<Record<number, string>> = {
  1: 'failed',
  2: 'has been asked what it does not understand',
  3: 'does not know how',
  4: 'may not: insufficient privilege',
  5: 'its program is not installed',
  6: 'is not configured',
  7: 'its program does not run',
  126: 'cannot be executed',
  127: 'did not find a command',
};

/**
 * What an exit status of an init script says, for people; null when all is well. 150 to 254 are the application's own.
 *
 * @param status null when the script was killed.
 * @example describeAction('start', 5) // 'start: its program is not installed (exit 5)'
 */
export function describeAction(word: Word, status: number | null): string | null {
  if (status === 0) return null;
  if (status === null) return `${word}: the script was killed`;
  return `${word}: ${ACTION[status] ?? 'failed'} (exit ${status})`;
}

/** How a service stands, as its script answers `status`. */
export type LsbStatus = 'runs' | 'dead' | 'stopped' | 'unknown';

/**
 * @example standingOf(3) // 'stopped'
 */
export function standingOf(status: number | null): LsbStatus {
  if (status === 0) return 'runs';
  if (status === 1 || status === 2) return 'dead';
  return status === 3 ? 'stopped' : 'unknown';
}

/** What `status` answered, for people. */
export function describeStanding(status: number | null): string {
  if (status === 1) return 'dead, and its pidfile is left (status 1)';
  if (status === 2) return 'dead, and its lock is left (status 2)';
  if (status === 3) return 'does not run (status 3)';
  return `the script cannot tell (status ${status ?? 'unknown: killed'})`;
}
