/** What superd does about signals, xinetd(8); what is not named here it passes over. */
export interface SignalActions {
  reload(): void;
  stop(): void;
  quit(): void;
  dump(): void;
  checkConsistency(): void;
}

/** A stranger's or a terminal's signals are no reason to end: xinetd swallows them as well. */
const PASSED_OVER: readonly NodeJS.Signals[] = ['SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'];

/** @param interrupt In the foreground, where INT is somebody's Ctrl-C and TSTP their Ctrl-Z. */
export function listenToSignals(actions: SignalActions, interrupt: 'stops' | 'is passed over'): void {
  const nothing = () => {};
  process.on('SIGHUP', () => actions.reload());
  process.on('SIGUSR2', () => actions.reload());
  process.on('SIGTERM', () => actions.stop());
  process.on('SIGQUIT', () => actions.quit());
  process.on('SIGUSR1', () => actions.dump());
  process.on('SIGABRT', () => actions.checkConsistency());
  process.on('SIGINT', interrupt === 'stops' ? () => actions.stop() : nothing);
  if (interrupt !== 'stops') process.on('SIGTSTP', nothing);
  for (const signal of PASSED_OVER) process.on(signal, nothing);
}
