/** A start under way may hide an ended orphan from SIGCHLD's look. */
const LOOK_AGAIN_MS = 5000;

/**
 * Process 1 of a container inherits every process whose parent has died, and has to reap it. Anywhere else that is init's work, and
 * nothing happens.
 */
export function adoptOrphans(pid: number, reapOrphans: () => void): void {
  if (pid !== 1) return;
  process.on('SIGCHLD', reapOrphans);
  setInterval(reapOrphans, LOOK_AGAIN_MS).unref();
}
