import { onSignal, runEvery } from '../guarded.js';

/** superd cannot reap while a process is starting, and may then miss a SIGCHLD. */
const REAP_INTERVAL_MS = 5000;

/**
 * As process 1 of a container, superd inherits every process whose parent has died, and must reap it. Elsewhere init does this.
 */
export function adoptOrphans(reapOrphans: () => void): void {
  onSignal('SIGCHLD', reapOrphans);
  runEvery(reapOrphans, REAP_INTERVAL_MS).unref();
}
