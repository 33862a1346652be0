import type { ServicePlan } from '../../config/plan.js';
import type { Tally } from '../../gate/tally.js';
import type { Stoppable, StopSignal } from '../../process/stop.js';
import type { EndCause, ExitStatus, PeerFacts, ResourceUsage, Subject, Traffic } from '../../report/event.js';
import type { ReportContext } from '../context.js';

/** A service as its sessions know it. */
export interface SessionOwner {
  readonly plan: ServicePlan;
  readonly subject: Subject;
  readonly state: string;
  readonly tally: Tally;
  readonly sessions: Set<Session>;
  /** Hands out what its servers have as their standard error. */
  readonly stderr: { descriptor(connection: number): number };
  /** What it listens at, also where the kernel has chosen the port. */
  readonly listener: { readonly port: number };
  started: number;
  failed: number;
  /** A session is over. */
  forget(session: Session): void;
}

export interface SessionContext extends ReportContext {
  /** The sessions of all services, also of those that the plan no longer has. */
  readonly sessions: Set<Session>;
  /** How many of them no limit counts. */
  readonly uncounted: { count: number };
  /** Ascending, unique in one run. */
  readonly nextSession: () => number;
}

/** One admitted connection (or one burst of a `wait = yes` service) and what became of it. It has its place from its making on. */
export abstract class Session implements Stoppable {
  readonly id: number;
  readonly startedAt: number;
  gone = false;
  /** Whether its start has been told, and what is to be told behind it. */
  private startReported = false;
  private onStart: (() => void) | null = null;
  /** Why superd ends it, once it does. */
  cause: EndCause | null = null;
  /** Called once, when it has given up its place. */
  after: () => void = () => {};
  abstract readonly pid: number;
  /** Whether somebody serves it already, or is on the way. */
  abstract readonly launched: boolean;

  constructor(
    protected readonly context: SessionContext,
    readonly service: SessionOwner,
    readonly peer: PeerFacts,
    readonly source: string,
    /** `uncounted`: let in although the gate would refuse it (`enforce = shadow`), it takes nobody's place. */
    readonly counting: 'counted' | 'uncounted' = 'counted',
  ) {
    this.id = context.nextSession();
    this.startedAt = context.now();
    service.started++;
    service.sessions.add(this);
    context.sessions.add(this);
    if (counting === 'counted') service.tally.admit(source);
    else this.countUncounted(1);
  }

  /** To be said before it is told to end; who said it first is right. */
  setEndCause(cause: EndCause): void {
    this.cause ??= cause;
  }

  abstract signal(signal: StopSignal): boolean;

  /** Gives its place up again before anything was started. */
  cancel(): void {
    this.release();
  }

  /** Tells what is known of it only now, in its place behind the start; of one that never starts nothing is told. */
  afterStart(tell: () => void): void {
    if (this.startReported) tell();
    else if (!this.gone) this.onStart = tell;
  }

  protected reportStart(): void {
    const { id: session, peer, pid, startedAt: at } = this;
    this.context.emit({ type: 'session-started', at, service: this.service.subject, session, peer, pid });
    this.startReported = true;
    this.onStart?.();
    this.onStart = null;
  }

  protected reportEnd(exit: ExitStatus, usage: ResourceUsage, traffic: Traffic | null = null): void {
    const { id: session, peer, pid, startedAt, cause } = this;
    this.context.emit({
      type: 'session-ended',
      at: this.context.now(),
      service: this.service.subject,
      session,
      peer,
      pid,
      startedAt,
      exit,
      usage,
      ...(traffic === null ? {} : { traffic }),
      ...(cause === null ? {} : { cause }),
    });
  }

  protected release(): void {
    if (this.gone) return;
    this.gone = true;
    this.service.forget(this);
    this.context.sessions.delete(this);
    if (this.counting === 'counted') this.service.tally.release(this.source);
    else this.countUncounted(-1);
    this.after();
  }

  private countUncounted(by: 1 | -1): void {
    this.context.uncounted.count += by;
    this.service.tally.arrivals?.countShadowed(this.source, by);
  }
}
