import type { MuxedPlan, ServicePlan } from '../../config/plan.js';
import { type Stoppable, stopAll } from '../../process/stop.js';
import type { EndCause } from '../../report/event.js';
import type { OverrideContext } from '../context.js';
import { Service, type ServiceContext } from '../services/service.js';
import type { TcpmuxService, TcpmuxServices } from '../services/tcpmux-services.js';
import { type ServiceControl, ServiceUnit } from '../services/unit.js';
import type { Session } from '../sessions/session.js';
import { type Applied, applyPlan, type OpenPolicy, servicesInTheWay } from './apply.js';
import { type Difference, difference, serviceKey } from './diff.js';
import { OpenRetries } from './open-retries.js';

export interface ServicesContext extends ServiceContext, OverrideContext {
  readonly tcpmux: TcpmuxServices;
}

/** What became of the services behind tcpmux. */
type TcpmuxApplied = { readonly kept: readonly TcpmuxService[]; readonly dropped: readonly TcpmuxService[] };

/** The services on request, under one plan at a time. */
export class Services implements ServiceControl {
  /** In the order of the plan; another array when there are others. */
  all: readonly Service[] = [];
  /** Services by the token of their socket. */
  private readonly byToken = new Map<number, Service>();
  /** Services whose sockets could not be opened, by their `serviceKey`. */
  private readonly failed = new Map<string, Service>();
  /** While a plan is applied provisionally: the services of the previous plan, with their sessions. */
  private readonly retired = new Map<ServicePlan, Service>();
  private readonly retries = new OpenRetries((service) => this.retry(service));

  constructor(private readonly context: ServicesContext) {}

  find(token: number): Service | undefined {
    return this.byToken.get(token);
  }

  /** Also counts services whose address may come later. */
  get size(): number {
    return this.all.length + [...this.failed.values()].filter(({ lacksAddress }) => lacksAddress).length;
  }

  /** Services that could not be opened come last. */
  units(): ServiceUnit[] {
    return [...this.all, ...this.context.tcpmux.all, ...this.failed.values()].map((service) => new ServiceUnit(service, this));
  }

  /** A service whose socket cannot be opened fails, with a report; the others run. */
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
      this.waitFor(service, error as Error);
      throw error;
    }
    this.opened(service);
  }

  close(service: Service): void {
    this.context.overrides.stopped.set(service.plan.id, true);
    service.stoppedByOperator = true;
    this.retries.cancel(service);
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
   * Ends servers that have a socket whose address the new plans need.
   *
   * @returns A function that has their services listen again, for plans that cannot be applied.
   */
  async releasePorts(plans: readonly ServicePlan[]): Promise<() => void> {
    const inTheWay = servicesInTheWay(this.all, this.openable(plans));
    for (const service of inTheWay) service.listener.handle('make-way');
    const sessions = inTheWay.flatMap((service) => [...service.sessions]);
    await this.end(sessions, 'dropped');
    return () => {
      for (const service of inTheWay) service.listener.handle('resume');
    };
  }

  /**
   * Applies new plans, or throws and changes nothing. A service that could not be opened before, and still cannot, does not make it throw.
   */
  applyPlan(plans: readonly ServicePlan[], policy: OpenPolicy): Pick<Applied, 'added' | 'kept' | 'dropped'> {
    const again = plans.filter((plan) => this.failed.has(serviceKey(plan)));
    const create = (plan: ServicePlan) => this.createService(plan);
    const { services, added, kept, dropped, unopened } = this.replaceAll(plans, create, policy);
    for (const service of [...dropped, ...this.failed.values()]) this.retries.cancel(service);
    for (const service of dropped) this.byToken.delete(service.token);
    for (const service of added) this.byToken.set(service.token, service);
    this.retired.clear();
    this.failed.clear();
    for (const [service, error] of unopened) this.fail(service, error);
    const late = again.flatMap((plan) => this.openOrFail(plan));
    for (const service of late) service.listen();
    this.all = [...services, ...late];
    return { added: [...added, ...late], kept, dropped };
  }

  applyTcpmuxPlan(plans: readonly MuxedPlan[]): TcpmuxApplied {
    const { tcpmux, overrides } = this.context;
    const change = tcpmux.applyPlan(plans, this.context);
    for (const service of tcpmux.all) if (overrides.stopped.has(service.plan.id)) this.close(service);
    return change;
  }

  /** Keeps services so that they come back with their sessions when their plan is applied next. */
  keepRetired(services: readonly Service[]): void {
    for (const service of services) this.retired.set(service.plan, service);
  }

  forgetRetired(): void {
    this.retired.clear();
  }

  /** Closes every listener. */
  stop(): void {
    this.retries.cancelAll();
    for (const service of [...this.all, ...this.context.tcpmux.all]) {
      try {
        service.stop();
      } catch (error) {
        // The others have to stop all the same.
        this.context.onError(error);
      }
    }
  }

  /** Clears up once the servers are gone. */
  cleanUp(): void {
    for (const service of [...this.all, ...this.context.tcpmux.all]) service.cleanUp();
  }

  private replaceAll(plans: readonly ServicePlan[], create: (plan: ServicePlan) => Service, policy: OpenPolicy): Applied {
    try {
      return applyPlan(this.all, this.openable(plans), create, policy);
    } catch (error) {
      // An old service may not have got its address back.
      for (const service of this.all) if (service.problem !== '') this.retries.after(service);
      throw error;
    }
  }

  /** Plans whose sockets must open for the new configuration to be applied. */
  private openable(plans: readonly ServicePlan[]): ServicePlan[] {
    return plans.filter((plan) => !this.failed.has(serviceKey(plan)));
  }

  /** The new service; none when it failed. */
  private openOrFail(plan: ServicePlan): Service[] {
    const service = this.createService(plan);
    try {
      service.open();
    } catch (error) {
      this.fail(service, error as Error);
      return [];
    }
    this.byToken.set(service.token, service);
    return [service];
  }

  private fail(service: Service, error: Error): void {
    this.failed.set(serviceKey(service.plan), service);
    this.waitFor(service, error);
  }

  private waitFor(service: Service, error: Error): void {
    service.notOpened(error);
    this.retries.after(service);
  }

  private retry(service: Service): void {
    try {
      service.open();
    } catch (error) {
      this.waitFor(service, error as Error);
      return;
    }
    this.opened(service);
  }

  private opened(service: Service): void {
    this.retries.cancel(service);
    if (this.failed.delete(serviceKey(service.plan))) this.all = [...this.all, service];
    this.byToken.set(service.token, service);
    service.listen();
  }

  private createService(plan: ServicePlan): Service {
    const retired = this.retired.get(plan);
    if (retired !== undefined) return retired;
    const service = new Service(this.context, plan, this.context.nextToken());
    service.stoppedByOperator = this.context.overrides.stopped.has(plan.id);
    return service;
  }
}
