import type { ServicePlan } from '../../config/plan.js';
import type { Tally } from '../../gate/tally.js';
import type { Stoppable } from '../../process/stop.js';
import type { EndCause, ExitStatus, PeerFacts, ResourceUsage, Subject, Traffic } from '../../report/event.js';
import type { ReportContext } from '../context.js';

/** A service as its sessions know it. */
export interface SessionOwner {
  readonly plan: ServicePlan;
  readonly subject: Subject;
  readonly state: string;
  readonly tally: Tally;
  readonly sessions: Set<Session>;
  /** Gives each server its standard error. */
  readonly stderr: { descriptor(connection: number): number };
  /** The port may be one that the kernel has chosen. */
  readonly listener: { readonly port: number };
  started: number;
  failed: number;
  /** To be called when a session is over. */
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

/** One admitted connection (or one burst of a `wait = yes` service) and what becomes of it. Limits count it from its construction on. */
export abstract class Session implements Stoppable {
  readonly id: number;
  readonly startedAt: number;
  /** The service by the name it has now: all reports of the session have it, although a new plan may rename the service. */
  readonly subject: Subject;
  gone = false;
  private startReported = false;
  private onStart: (() => void) | null = null;
  /** Why superd ends it; null when superd does not. */
  cause: EndCause | null = null;
  /** Called once, when limits count it no longer. */
  after: () => void = () => {};
  abstract readonly pid: number;
  /** Whether its server runs, or is about to. */
  abstract readonly launched: boolean;

  constructor(
    protected readonly context: SessionContext,
    readonly service: SessionOwner,
    readonly peer: PeerFacts,
    readonly source: string,
    /** `uncounted`: admitted although the gate would refuse it (`enforce = shadow`); no limit counts it. */
    readonly counting: 'counted' | 'uncounted' = 'counted',
  ) {
    this.id = context.nextSession();
    this.startedAt = context.now();
    this.subject = service.subject;
    service.started++;
    service.sessions.add(this);
    context.sessions.add(this);
    if (counting === 'counted') service.tally.admit(source);
    else this.countUncounted(1);
  }

  /** To be called before superd ends it; the first cause counts. */
  setEndCause(cause: EndCause): void {
    this.cause ??= cause;
  }

  abstract signal(signal: NodeJS.Signals): boolean;

  /** Gives up a session that has not started anything. */
  cancel(): void {
    this.release();
  }

  /** Reports something after the start of the session, however early it is known; never for a session that does not start. */
  afterStart(report: () => void): void {
    if (this.startReported) report();
    else if (!this.gone) this.onStart = report;
  }

  protected reportStart(): void {
    const { id: session, subject, peer, pid, startedAt: at } = this;
    this.context.emit({ type: 'session-started', at, service: subject, session, peer, pid });
    this.startReported = true;
    this.onStart?.();
    this.onStart = null;
  }

  protected reportEnd(exit: ExitStatus, usage: ResourceUsage, traffic: Traffic | null = null): void {
    const { id: session, peer, pid, startedAt, cause } = this;
    this.context.emit({
      type: 'session-ended',
      at: this.context.now(),
      service: this.subject,
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
