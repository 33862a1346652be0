import type { Plan } from '../config/plan.js';
import { placeOf } from '../errors.js';
import type { Explanation } from '../gate/explain.js';
import { pause } from '../guarded.js';
import type { Stoppable } from '../process/stop.js';
import type { EndCause } from '../report/event.js';
import type { Store } from '../state/store.js';
import { assemble, type EngineOptions, type EngineParts } from './assemble.js';
import type { Banning } from './connections/banning.js';
import { contradictions } from './consistency.js';
import { explainService } from './explain-service.js';
import type { PlanChange } from './plan-updates.js';
import type { OpenPolicy } from './reload/apply.js';
import type { Preview } from './reload/preview.js';
import type { AcceptConnection } from './services/auxiliary-listeners.js';
import type { Service } from './services/service.js';
import { ServerSession } from './sessions/server-session.js';
import type { Session } from './sessions/session.js';
import type { Unit } from './unit.js';

/** A start takes milliseconds; superd kills a server that does not start within two seconds. */
const RECHECK_MS = 5;

/** The running daemon: all services, resident daemons and sessions, under one plan at a time. */
export class Engine {
  private readonly parts: EngineParts;

  constructor(options: EngineOptions) {
    this.parts = assemble(options);
  }

  get services(): readonly Service[] {
    return this.parts.services.all;
  }

  /** The services behind tcpmux. */
  get tcpmuxServices(): readonly Service[] {
    return this.parts.tcpmux.all;
  }

  /** Everything that an operator can name, in the order of the configuration; rejected services come last. */
  units(): Unit[] {
    const { services, daemons, rejected } = this.parts;
    return [...services.units(), ...daemons.units(), ...rejected.units()];
  }

  /** The number of services, daemons and init scripts. */
  get size(): number {
    return this.parts.services.size + this.parts.daemons.size;
  }

  /** The daemons and init scripts, which start in an order. */
  get startPlan(): Pick<Plan, 'daemons' | 'scripts'> {
    return this.parts.daemons.plans;
  }

  /** All sessions, also those of services that the plan no longer has. */
  get sessions(): ReadonlySet<Session> {
    return this.parts.sessions;
  }

  get banning(): Banning {
    return this.parts.banning;
  }

  /** Starts the first plan. A service whose socket cannot be opened fails, with a report; the others run. */
  async start(plan: Plan, store: Store): Promise<void> {
    const { services, banning, tables, sockets, rejected, notice } = this.parts;
    banning.applyPlan(plan);
    banning.start(store);
    tables.setPaths(plan.tables);
    rejected.applyPlan(plan.rejected);
    services.start(plan.services);
    services.applyTcpmuxPlan(plan.muxed);
    for (const { fd, name } of sockets.unused)
      notice('warning', `descriptor ${fd}${name === '' ? '' : ` (${name})`} of the service manager: no service listens there`);
    await this.parts.daemons.start(plan, store);
  }

  /**
   * Applies a new plan, or throws and changes nothing. Ends the sessions that the new rules refuse. A service that could not be opened before, and
   * still cannot does not make it throw, nor does one whose address is not there yet.
   *
   * @param policy With `each`, a socket that cannot be opened does not make it throw.
   */
  reload(plan: Plan, policy: OpenPolicy = 'whole'): Promise<PlanChange> {
    return this.parts.updates.apply(plan, policy);
  }

  /**
   * As `reload`, but ends no session before `finish` of the result is called. Until then `reload` with the previous plan brings back every service with
   * its sessions.
   */
  applyProvisionally(plan: Plan): Promise<PlanChange> {
    return this.parts.updates.applyProvisionally(plan);
  }

  /** What `reload` would do with this plan. */
  preview(plan: Plan): Promise<Preview> {
    return this.parts.updates.preview(plan);
  }

  /** Stops listening, and ends every server and every daemon. */
  async stop(): Promise<void> {
    this.close();
    await Promise.all([this.end([...this.parts.sessions], 'shutdown'), this.parts.registrations.end(), this.parts.daemons.stop()]);
    this.parts.services.cleanUp();
    this.parts.loop.close();
  }

  /** Stops listening, and leaves servers and daemons running, also those that are starting. */
  async abandon(): Promise<void> {
    this.close();
    this.parts.daemons.abandon();
    const unregistered = this.parts.registrations.end();
    for (const session of [...this.parts.sessions]) if (session instanceof ServerSession) session.cancelRetry();
    while ([...this.parts.sessions].some((session) => session instanceof ServerSession && session.pid === 0)) await pause(RECHECK_MS);
    await unregistered;
    this.parts.loop.close();
  }

  /** Ends sessions. @returns those that could not be ended, after a report. */
  end(sessions: Iterable<Session>, cause: EndCause): Promise<readonly Stoppable[]> {
    return this.parts.services.end(sessions, cause);
  }

  /** Reaps processes that became superd's children by the end of their parents. */
  reapOrphans(): void {
    this.parts.daemons.reap();
  }

  /**
   * Accepts connections at a listening socket that belongs to no service.
   *
   * @returns A function that stops listening; the socket stays open.
   */
  acceptConnections(fd: number, accept: AcceptConnection): () => void {
    return this.parts.auxiliary.listen(fd, accept);
  }

  /** What a service would answer a client, check by check. Changes nothing. */
  /** What is wrong with the access rules in force, when the service uses them: `path:line: message`. */
  ruleProblemsOf({ plan }: Service): string[] {
    if (plan.gate.wrappers === null) return [];
    this.parts.tables.current();
    return this.parts.tables.problems.map((one) => `${placeOf(one)}: ${one.message}`);
  }

  explain(service: Service, address: string, port: number, at: number): Explanation {
    return explainService(this.parts, service, address, port, at);
  }

  /** Contradictions between superd's own counts; empty when all is well. */
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
