import type { SpawnStep } from '../os/binding.js';
import type { ExitStatus, ResourceUsage } from '../report/event.js';

/** Called for one process that superd starts: `started` and then `ended`, or `failed` alone. */
export interface ProcessWatcher {
  /** @param token Names the process to the addon for as long as it is not reaped. */
  started(pid: number, token: number): void;
  failed(step: SpawnStep, errno: number): void;
  ended(exit: ExitStatus, usage: ResourceUsage): void;
}

/** Largest number that fits the token word of a record. */
const LAST_TOKEN = 0x7fffffff;

/** The part of the reaper that a start needs. */
export type Registry = Pick<Reaper, 'register' | 'forget'>;

/** The watchers of all started processes, by the token that the addon returns in its records. */
export class Reaper {
  private readonly watchers = new Map<number, ProcessWatcher>();
  private last = 0;

  get size(): number {
    return this.watchers.size;
  }

  /** @returns the token to start the process with. */
  register(watcher: ProcessWatcher): number {
    do this.last = this.last === LAST_TOKEN ? 1 : this.last + 1;
    while (this.watchers.has(this.last));
    this.watchers.set(this.last, watcher);
    return this.last;
  }

  /** The start could not be queued. */
  forget(token: number): void {
    this.watchers.delete(token);
  }

  spawned(token: number, pid: number): void {
    this.watchers.get(token)?.started(pid, token);
  }

  spawnFailed(token: number, step: SpawnStep, errno: number): void {
    this.take(token)?.failed(step, errno);
  }

  exited(token: number, exit: ExitStatus, usage: ResourceUsage): void {
    this.take(token)?.ended(exit, usage);
  }

  private take(token: number): ProcessWatcher | undefined {
    const watcher = this.watchers.get(token);
    this.watchers.delete(token);
    return watcher;
  }
}
