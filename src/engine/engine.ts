import type { Plan } from '../config/plan.js';
import type { Explanation } from '../gate/explain.js';
import type { Stoppable } from '../process/stop.js';
import type { EndCause } from '../report/event.js';
import type { Store } from '../state/store.js';
import { assemble, type EngineOptions, type EngineParts } from './assemble.js';
import type { Banning } from './connections/banning.js';
import { contradictions } from './consistency.js';
import { explainService } from './explain-service.js';
import type { PlanChange } from './plan-updates.js';
import type { Preview } from './reload/preview.js';
import type { AcceptConnection } from './services/auxiliary-listeners.js';
import type { Service } from './services/service.js';
import { ServerSession } from './sessions/server-session.js';
import type { Session } from './sessions/session.js';
import type { Unit } from './unit.js';

/** A start takes milliseconds; one that hangs is killed after two seconds. */
const RECHECK_MS = 5;

/** The running daemon: everything that listens and everything that was started, under one plan at a time. */
export class Engine {
  private readonly parts: EngineParts;

  constructor(options: EngineOptions) {
    this.parts = assemble(options);
  }

  get services(): readonly Service[] {
    return this.parts.services.all;
  }

  /** Those behind tcpmux. */
  get tcpmuxServices(): readonly Service[] {
    return this.parts.tcpmux.all;
  }

  /** Everything an operator can name, in the order of the configuration. */
  units(): Unit[] {
    return [...this.parts.services.units(), ...this.parts.daemons.units()];
  }

  /** Everything there is to look after. */
  get size(): number {
    return this.services.length + this.parts.daemons.size;
  }

  /** What waits for another when superd starts. */
  get startPlan(): Pick<Plan, 'daemons' | 'scripts'> {
    return this.parts.daemons.plans;
  }

  /** All of them, those of services that the plan no longer knows included. */
  get sessions(): ReadonlySet<Session> {
    return this.parts.sessions;
  }

  /** Whom no service lets in, and who decides about it. */
  get banning(): Banning {
    return this.parts.banning;
  }

  /** Starts the first plan: a service whose socket cannot be opened is left out, loudly, and the others run. */
  async start(plan: Plan, store: Store): Promise<void> {
    const { services, banning, tables, sockets, notice } = this.parts;
    banning.applyPlan(plan);
    banning.start(store);
    tables.setPaths(plan.tables);
    services.start(plan.services);
    services.applyTcpmuxPlan(plan.muxed);
    for (const { fd, name } of sockets.unused)
      notice('warning', `descriptor ${fd}${name === '' ? '' : ` (${name})`} of the service manager: no service listens there`);
    await this.parts.daemons.start(plan, store);
  }

  /**
   * Goes over to another plan, or throws and leaves everything as it is. Sessions that the new rules refuse are ended. A service
   * that could not be opened at the start, and cannot yet, is no obstacle.
   */
  reload(plan: Plan): Promise<PlanChange> {
    return this.parts.updates.apply(plan);
  }

  /**
   * As `reload`, but nothing is ended before `finish` of the answer is called. Until then `reload` with the plan before brings back
   * every service with its sessions.
   */
  applyProvisionally(plan: Plan): Promise<PlanChange> {
    return this.parts.updates.applyProvisionally(plan);
  }

  /** What `reload` would do with this plan. */
  preview(plan: Plan): Promise<Preview> {
    return this.parts.updates.preview(plan);
  }

  /** Closes every door, then ends every server and every daemon. */
  async stop(): Promise<void> {
    this.close();
    await Promise.all([this.end([...this.parts.sessions], 'shutdown'), this.parts.registrations.end(), this.parts.daemons.stop()]);
    this.parts.services.cleanUp();
    this.parts.loop.close();
  }

  /** Closes every door and leaves the servers to themselves, also those on their way. */
  async abandon(): Promise<void> {
    this.close();
    this.parts.daemons.abandon();
    const unregistered = this.parts.registrations.end();
    for (const session of [...this.parts.sessions]) if (session instanceof ServerSession) session.cancelRetry();
    while ([...this.parts.sessions].some((session) => session instanceof ServerSession && session.pid === 0))
      await new Promise((resolve) => setTimeout(resolve, RECHECK_MS));
    await unregistered;
    this.parts.loop.close();
  }

  /** @returns those that could not be ended, which is told. */
  end(sessions: Iterable<Session>, cause: EndCause): Promise<readonly Stoppable[]> {
    return this.parts.services.end(sessions, cause);
  }

  /** Reaps what nobody waits for. */
  reapOrphans(): void {
    this.parts.daemons.reap();
  }

  /**
   * Hears connections at a listening socket that belongs to no service.
   *
   * @returns what ends the hearing; the socket stays open.
   */
  acceptConnections(fd: number, callee: AcceptConnection): () => void {
    return this.parts.auxiliary.listen(fd, callee);
  }

  /** What a service would say to a client, check by check; nothing is changed. */
  explain(service: Service, address: string, port: number, at: number): Explanation {
    return explainService(this.parts, service, address, port, at);
  }

  /** What does not agree with itself in superd's own books; empty when all is well. */
  contradictions(): string[] {
    return contradictions(this.services, this.parts, this.parts.daemons.processes);
  }

  private close(): void {
    this.parts.updates.close();
    this.parts.daemons.close();
    this.parts.banning.stop();
    this.parts.services.stop();
  }
}
