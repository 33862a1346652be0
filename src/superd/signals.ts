/** superd's reactions to signals, as in xinetd(8). */
export interface SignalActions {
  reload(): void;
  stop(): void;
  quit(): void;
  dump(): void;
  checkConsistency(): void;
}

/** Signals that would end a process by default. superd ignores them, as xinetd does. */
const IGNORED: readonly NodeJS.Signals[] = ['SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'];

/** @param mode In the foreground, Ctrl-C (INT) ends superd and Ctrl-Z (TSTP) suspends it; in the background superd ignores both. */
export function handleSignals(actions: SignalActions, mode: 'foreground' | 'background'): void {
  const ignore = () => {};
  process.on('SIGHUP', () => actions.reload());
  process.on('SIGUSR2', () => actions.reload());
  process.on('SIGTERM', () => actions.stop());
  process.on('SIGQUIT', () => actions.quit());
  process.on('SIGUSR1', () => actions.dump());
  process.on('SIGABRT', () => actions.checkConsistency());
  process.on('SIGINT', mode === 'foreground' ? () => actions.stop() : ignore);
  if (mode === 'background') process.on('SIGTSTP', ignore);
  for (const signal of IGNORED) process.on(signal, ignore);
}
