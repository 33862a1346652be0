import type { ProcessWatcher, Registry } from '../../process/reaper.js';

/** The reaper for one part of superd: it counts the processes of that part. */
export class CountedReaper implements Registry {
  count = 0;

  constructor(private readonly reaper: Registry) {}

  register(watcher: ProcessWatcher): number {
    this.count++;
    return this.reaper.register({
      started: (pid, token) => watcher.started(pid, token),
      failed: (step, errno) => {
        this.count--;
        watcher.failed(step, errno);
      },
      ended: (exit, usage) => {
        this.count--;
        watcher.ended(exit, usage);
      },
    });
  }

  forget(token: number): void {
    this.count--;
    this.reaper.forget(token);
  }
}
