/** signal(7), in the order of their numbers on x86 and ARM. `node:os`, once loaded, would stay in memory. */
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );
const ALIASES: Readonly<Record<string, string>> = { IOT: 'ABRT', POLL: 'IO', UNUSED: 'SYS' };

/**
 * The number of a signal; 0 for one that Linux does not have.
 *
 * @example signalNumber('SIGKILL') // 9
 */
export function signalNumber(signal: NodeJS.Signals): number {
  const name = signal.slice('SIG'.length);
  return NAMES.indexOf(ALIASES[name] ?? name) + 1;
}
