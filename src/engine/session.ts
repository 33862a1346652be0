import type { Stoppable, StopSignal } from '../process/stop.js';
import type { ExitStatus, PeerFacts, ResourceUsage, Traffic } from '../report/event.js';
import type { Runtime } from './runtime.js';
import type { Service } from './service.js';

/** One admitted connection (or one burst of a `wait = yes` service) and what became of it. It has its place from its making on. */
export abstract class Session implements Stoppable {
  readonly id: number;
  readonly startedAt: number;
  gone = false;
  abstract readonly pid: number;
  /** Whether somebody serves it already, or is on the way. */
  abstract readonly launched: boolean;

  constructor(
    protected readonly runtime: Runtime,
    readonly service: Service,
    readonly peer: PeerFacts,
    readonly source: string,
  ) {
    this.id = runtime.nextSession();
    this.startedAt = runtime.now();
    service.started++;
    service.sessions.add(this);
    runtime.sessions.add(this);
    service.tally.admit(source);
  }

  abstract tell(signal: StopSignal): boolean;

  /** Gives its place up again before anything was started. */
  cancel(): void {
    this.release();
  }

  protected tellStart(): void {
    const { id: session, peer, pid, startedAt: at } = this;
    this.runtime.emit({ type: 'session-started', at, service: this.service.subject, session, peer, pid });
  }

  protected tellEnd(exit: ExitStatus, usage: ResourceUsage, traffic: Traffic | null = null): void {
    const { id: session, peer, pid, startedAt } = this;
    this.runtime.emit({
      type: 'session-ended',
      at: this.runtime.now(),
      service: this.service.subject,
      session,
      peer,
      pid,
      startedAt,
      exit,
      usage,
      ...(traffic === null ? {} : { traffic }),
    });
  }

  protected release(): void {
    this.gone = true;
    this.service.forget(this);
    this.runtime.sessions.delete(this);
    this.service.tally.release(this.source);
  }
}
