import type { Plan } from '../config/plan.js';
import type { Explanation } from '../gate/explain.js';
import type { Stoppable } from '../process/stop.js';
import type { EndCause } from '../report/event.js';
import type { Store } from '../state/store.js';
import { assemble, type EngineOptions } from './assemble.js';
import { Daemons } from './boot.js';
import { type Change, PlanUpdates } from './change.js';
import type { Banning } from './connections/banning.js';
import { contradictions } from './consistency.js';
import type { Runtime } from './context.js';
import { explainService } from './explain-service.js';
import type { Preview } from './reload/preview.js';
import type { Services } from './reload/services.js';
import type { AuxiliaryListeners, Callee } from './services/auxiliary-listeners.js';
import type { Service } from './services/service.js';
import { ServerSession } from './sessions/server-session.js';
import type { Session } from './sessions/session.js';
import type { Unit } from './unit.js';

/** A start takes milliseconds; one that hangs is killed after two seconds. */
const LOOK_AGAIN_MS = 5;

/** The running daemon: everything that listens and everything that was started, under one plan at a time. */
export class Engine {
  private readonly runtime: Runtime;
  private readonly doors: Services;
  private readonly daemons: Daemons;
  private readonly changes: PlanUpdates;
  private readonly sideDoors: AuxiliaryListeners;

  constructor(options: EngineOptions) {
    const parts = assemble(options);
    this.runtime = parts.runtime;
    this.doors = parts.services;
    this.sideDoors = parts.sideDoors;
    this.daemons = new Daemons(this.runtime);
    this.changes = new PlanUpdates(this.runtime, this.doors, this.daemons);
  }

  get services(): readonly Service[] {
    return this.doors.all;
  }

  /** Those behind tcpmux. */
  get muxed(): readonly Service[] {
    return this.runtime.muxed.all;
  }

  /** Everything an operator can name, in the order of the configuration. */
  units(): Unit[] {
    return [...this.doors.units(), ...this.daemons.units()];
  }

  /** Everything there is to look after. */
  get size(): number {
    return this.services.length + this.daemons.size;
  }

  /** What waits for another when superd starts. */
  get startPlan(): Pick<Plan, 'daemons' | 'scripts'> {
    return this.daemons.plans;
  }

  /** All of them, those of services that the plan no longer knows included. */
  get sessions(): ReadonlySet<Session> {
    return this.runtime.sessions;
  }

  /** Whom no service lets in, and who decides about it. */
  get banning(): Banning {
    return this.runtime.banning;
  }

  /** What operators have said of daemons that are no more counts for none of the same name. */
  forgetWishes(ids: readonly string[]): void {
    this.daemons.forgetWishes(ids);
  }

  /** Starts the first plan: a service whose socket cannot be opened is left out, loudly, and the others run. */
  async start(plan: Plan, store: Store): Promise<void> {
    const { runtime, doors } = this;
    runtime.store = store;
    doors.remember(store);
    runtime.banning.use(plan);
    runtime.banning.start(store);
    runtime.tables.use(plan.tables);
    doors.start(plan.services);
    doors.useMuxed(plan.muxed);
    for (const { fd, name } of runtime.sockets.unused)
      runtime.notice('warning', `descriptor ${fd}${name === '' ? '' : ` (${name})`} of the service manager: no service listens there`);
    await this.daemons.start(plan, store);
  }

  /**
   * Goes over to another plan, or throws and leaves everything as it is. Sessions that the new rules refuse are ended. A service
   * that could not be opened at the start, and cannot yet, is no obstacle.
   */
  reload(plan: Plan): Promise<Change> {
    return this.changes.reload(plan);
  }

  /**
   * As `reload`, but nothing is ended before `finish` of the answer is called. Until then `reload` with the plan before brings back
   * every service with its sessions.
   */
  try(plan: Plan): Promise<Change> {
    return this.changes.try(plan);
  }

  /** What `reload` would do with this plan. */
  preview(plan: Plan): Promise<Preview> {
    return this.changes.preview(plan);
  }

  /** Closes every door, then ends every server and every daemon. */
  async stop(): Promise<void> {
    this.close();
    await Promise.all([this.end([...this.runtime.sessions], 'shutdown'), this.runtime.registrations.end(), this.daemons.stop()]);
    this.doors.cleanUp();
    this.runtime.loop.close();
  }

  /** Closes every door and leaves the servers to themselves, also those on their way. */
  async abandon(): Promise<void> {
    this.close();
    this.daemons.abandon();
    const unregistered = this.runtime.registrations.end();
    for (const session of [...this.runtime.sessions]) if (session instanceof ServerSession) session.giveUpWaiting();
    while ([...this.runtime.sessions].some((session) => session instanceof ServerSession && session.pid === 0))
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    await unregistered;
    this.runtime.loop.close();
  }

  /** @returns those that could not be ended, which is told. */
  end(sessions: Iterable<Session>, cause: EndCause): Promise<readonly Stoppable[]> {
    return this.doors.end(sessions, cause);
  }

  /** Reaps what nobody waits for. */
  reapOrphans(): void {
    this.daemons.reap();
  }

  /**
   * Hears connections at a listening socket that belongs to no service.
   *
   * @returns what ends the hearing; the socket stays open.
   */
  hearConnections(fd: number, callee: Callee): () => void {
    return this.sideDoors.hear(fd, callee);
  }

  /** What a service would say to a client, check by check; nothing is changed. */
  explain(service: Service, address: string, port: number, at: number): Explanation {
    return explainService(this.runtime, service, address, port, at);
  }

  /** What does not agree with itself in superd's own books; empty when all is well. */
  contradictions(): string[] {
    return contradictions(this.services, this.runtime, this.daemons.processes);
  }

  private close(): void {
    this.changes.close();
    this.daemons.close();
    this.runtime.banning.stop();
    this.doors.stop();
  }
}
