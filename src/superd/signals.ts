import { onSignal } from '../guarded.js';

/** superd's reactions to signals, as in xinetd(8). */
export interface SignalActions {
  reload(): unknown;
  stop(): unknown;
  quit(): unknown;
  dump(): unknown;
  checkConsistency(): unknown;
}

/** Signals that would end a process by default. superd ignores them, as xinetd does. */
const IGNORED: readonly NodeJS.Signals[] = ['SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'];

/** @param mode In the foreground, Ctrl-C (INT) ends superd and Ctrl-Z (TSTP) suspends it; in the background superd ignores both. */
export function handleSignals(actions: SignalActions, mode: 'foreground' | 'background'): void {
  const ignore = () => {};
  onSignal('SIGHUP', () => actions.reload());
  onSignal('SIGUSR2', () => actions.reload());
  onSignal('SIGTERM', () => actions.stop());
  onSignal('SIGQUIT', () => actions.quit());
  onSignal('SIGUSR1', () => actions.dump());
  onSignal('SIGABRT', () => actions.checkConsistency());
  onSignal('SIGINT', mode === 'foreground' ? () => actions.stop() : ignore);
  if (mode === 'background') onSignal('SIGTSTP', ignore);
  for (const signal of IGNORED) onSignal(signal, ignore);
}
