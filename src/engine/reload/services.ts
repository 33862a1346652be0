import type { MuxedPlan, ServicePlan } from '../../config/plan.js';
import { type Stoppable, stopAll } from '../../process/stop.js';
import type { EndCause } from '../../report/event.js';
import type { OverrideContext } from '../context.js';
import { Service, type ServiceContext } from '../services/service.js';
import type { TcpmuxService, TcpmuxServices } from '../services/tcpmux-services.js';
import { type ServiceControl, ServiceUnit } from '../services/unit.js';
import type { Session } from '../sessions/session.js';
import { type Applied, applyPlan, servicesInTheWay } from './apply.js';
import { type Difference, difference, serviceKey } from './diff.js';

export interface ServicesContext extends ServiceContext, OverrideContext {
  readonly tcpmux: TcpmuxServices;
}

/** What became of the services behind tcpmux. */
type Muxed = { readonly kept: readonly TcpmuxService[]; readonly dropped: readonly TcpmuxService[] };

/** The services that clients come to, under one plan at a time. */
export class Services implements ServiceControl {
  /** In the order of the plan; another array when there are others. */
  all: readonly Service[] = [];
  /** Every service that still has something to its name, by the token its socket is known under. */
  private readonly byToken = new Map<number, Service>();
  /** Those whose sockets could not be opened when superd started, by what makes them the same in the next plan. */
  private readonly failed = new Map<string, Service>();
  /** While a plan is tried: services of the plan before, with their sessions. */
  private readonly retired = new Map<ServicePlan, Service>();

  constructor(private readonly context: ServicesContext) {}

  find(token: number): Service | undefined {
    return this.byToken.get(token);
  }

  /** What could not be opened at the start is last. */
  units(): ServiceUnit[] {
    return [...this.all, ...this.context.tcpmux.all, ...this.failed.values()].map((service) => new ServiceUnit(service, this));
  }

  /** A service whose socket cannot be opened is left out, loudly, and the others run. */
  start(plans: readonly ServicePlan[]): void {
    this.all = plans.flatMap((plan) => this.openOrFail(plan));
    for (const service of this.all) service.listen();
  }

  open(service: Service): void {
    this.context.overrides.stopped.delete(service.plan.id);
    service.stoppedByOperator = false;
    try {
      service.open();
    } catch (error) {
      service.fail((error as Error).message);
      throw error;
    }
    if (this.failed.delete(serviceKey(service.plan))) this.all = [...this.all, service];
    this.byToken.set(service.token, service);
    service.listen();
  }

  close(service: Service): void {
    this.context.overrides.stopped.set(service.plan.id, true);
    service.stoppedByOperator = true;
    service.stop();
  }

  async end(sessions: Iterable<Session>, cause: EndCause): Promise<readonly Stoppable[]> {
    for (const session of sessions) session.setEndCause(cause);
    const left = await stopAll(sessions);
    for (const { pid } of left) this.context.notice('error', `process ${pid} could not be ended`);
    return left;
  }

  difference(plans: readonly ServicePlan[]): Difference<Service> {
    return difference(this.all, plans);
  }

  /**
   * Ends servers that have the socket in the place of one that the plans want.
   *
   * @returns what has their services heard again, for plans that cannot be had.
   */
  async makeWay(plans: readonly ServicePlan[]): Promise<() => void> {
    const inTheWay = servicesInTheWay(this.all, this.openable(plans));
    for (const service of inTheWay) service.listener.handle('make-way');
    const sessions = inTheWay.flatMap((service) => [...service.sessions]);
    await this.end(sessions, 'dropped');
    return () => {
      for (const service of inTheWay) service.listener.handle('resume');
    };
  }

  /**
   * Goes over to those of another plan, or throws and leaves all as they are. One that could not be opened at the start, and cannot
   * yet, is no obstacle.
   */
  applyPlan(plans: readonly ServicePlan[]): Omit<Applied, 'services'> {
    const again = plans.filter((plan) => this.failed.has(serviceKey(plan)));
    const { services, added, kept, dropped } = applyPlan(this.all, this.openable(plans), (plan) => this.createService(plan));
    for (const service of dropped) this.byToken.delete(service.token);
    for (const service of added) this.byToken.set(service.token, service);
    this.retired.clear();
    this.failed.clear();
    const late = again.flatMap((plan) => this.openOrFail(plan));
    for (const service of late) service.listen();
    this.all = [...services, ...late];
    return { added: [...added, ...late], kept, dropped };
  }

  /** Goes over to other services behind tcpmux. */
  applyTcpmuxPlan(plans: readonly MuxedPlan[]): Muxed {
    const { tcpmux, overrides } = this.context;
    const change = tcpmux.applyPlan(plans, this.context);
    for (const service of tcpmux.all) if (overrides.stopped.has(service.plan.id)) this.close(service);
    return change;
  }

  /** Until `forgetRetired`, or until other plans are used, these come back where their plan does, with their sessions. */
  keepRetired(services: readonly Service[]): void {
    for (const service of services) this.retired.set(service.plan, service);
  }

  forgetRetired(): void {
    this.retired.clear();
  }

  /** Closes every door. */
  stop(): void {
    for (const service of [...this.all, ...this.context.tcpmux.all]) {
      try {
        service.stop();
      } catch (error) {
        // The servers have to be ended all the same.
        this.context.onError(error);
      }
    }
  }

  /** Once the servers are gone. */
  cleanUp(): void {
    for (const service of [...this.all, ...this.context.tcpmux.all]) service.cleanUp();
  }

  /** Those that have to be had for a plan to be taken. */
  private openable(plans: readonly ServicePlan[]): ServicePlan[] {
    return plans.filter((plan) => !this.failed.has(serviceKey(plan)));
  }

  /** The new service, or none. */
  private openOrFail(plan: ServicePlan): Service[] {
    const service = this.createService(plan);
    try {
      service.open();
    } catch (error) {
      this.failed.set(serviceKey(plan), service);
      service.fail((error as Error).message);
      return [];
    }
    this.byToken.set(service.token, service);
    return [service];
  }

  private createService(plan: ServicePlan): Service {
    const retired = this.retired.get(plan);
    if (retired !== undefined) return retired;
    const service = new Service(this.context, plan, this.context.nextToken());
    service.stoppedByOperator = this.context.overrides.stopped.has(plan.id);
    return service;
  }
}
