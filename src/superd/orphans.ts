/** superd cannot reap while a process is starting, and may then miss a SIGCHLD. */
const REAP_INTERVAL_MS = 5000;

/**
 * As process 1 of a container, superd inherits every process whose parent has died, and must reap it. Elsewhere init does this.
 */
export function adoptOrphans(pid: number, reapOrphans: () => void): void {
  if (pid !== 1) return;
  process.on('SIGCHLD', reapOrphans);
  setInterval(reapOrphans, REAP_INTERVAL_MS).unref();
}
