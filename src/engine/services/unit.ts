import { describeEndpoint } from '../../address/endpoint.js';
import type { Stoppable } from '../../process/stop.js';
import type { EndCause } from '../../report/event.js';
import type { ListeningState } from '../../report/states.js';
import type { Session } from '../sessions/session.js';
import { describeMistake, type Unit, type UnitCounters, UnitError } from '../unit.js';
import type { Service } from './service.js';

/** What the engine does for the units of listening services. */
export interface ServiceControl {
  /** Opens the socket and listens. @throws SystemError naming the step and the endpoint. */
  open(service: Service): void;
  /** Stops listening and remembers that an operator wanted it. */
  close(service: Service): void;
  /** Ends processes. @returns those that could not be ended. */
  end(sessions: Iterable<Session>, cause: EndCause): Promise<readonly Stoppable[]>;
}

/** A listening service as an operator sees it. It keeps no state. */
export class ServiceUnit implements Unit {
  constructor(
    private readonly service: Service,
    private readonly control: ServiceControl,
  ) {}

  get id() {
    return this.service.plan.id;
  }
  get name() {
    return this.service.plan.name;
  }
  get activation() {
    return this.service.plan.activation;
  }
  get origin() {
    return this.service.plan.origin;
  }
  get endpoint() {
    return describeEndpoint(this.service.listener.endpoint);
  }
  get sessions() {
    return this.service.sessions;
  }
  get problem() {
    return this.service.problem || describeMistake(this.service.plan.mistake);
  }
  get since() {
    return this.service.since;
  }
  get stoppedByOperator() {
    return this.service.stoppedByOperator;
  }
  get output() {
    return null;
  }

  get state(): ListeningState {
    const { state, problem, lacksAddress, sessions } = this.service;
    if (state === 'paused') return 'paused';
    if (state !== 'stopped') return 'listening';
    if (problem !== '') return lacksAddress ? 'waiting' : 'failed';
    return sessions.size > 0 ? 'draining' : 'stopped';
  }

  get pids(): number[] {
    return [...this.service.sessions].map(({ pid }) => pid).filter((pid) => pid !== 0);
  }

  get counters(): UnitCounters {
    const { started, refused, failed } = this.service;
    return { started, refused, failed, restarts: 0 };
  }

  start(): Promise<void> {
    return this.inTurn(async () => {
      if (this.service.state === 'stopped') this.control.open(this.service);
    });
  }

  stop(): Promise<void> {
    return this.inTurn(async () => {
      this.control.close(this.service);
      await this.endAll();
      this.service.cleanUp();
    });
  }

  /** The service listens meanwhile: a new client gets a new server. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.endAll();
      if (this.service.state === 'stopped') this.control.open(this.service);
    });
  }

  signal(signal: NodeJS.Signals): number[] {
    const reached = [...this.service.sessions].filter(({ pid }) => pid !== 0);
    for (const session of reached) session.signal(signal);
    return reached.map(({ pid }) => pid);
  }

  /** A server for one client has read its files when it started. One that outlives its clients (`wait = yes`) gets SIGHUP. */
  async reload(): Promise<void> {
    const { plan } = this.service;
    if (plan.wait || (plan.activation === 'request' && plan.intercepts !== null)) this.signal('SIGHUP');
  }

  async drain(): Promise<void> {
    const { service } = this;
    await this.inTurn(async () => this.control.close(service));
    await service.whenEmpty();
    if (service.state !== 'stopped') throw new UnitError('started-again', `${this.id}: started again while its sessions ended`);
    service.cleanUp();
  }

  async scale(): Promise<void> {
    throw new UnitError(
      'not-scalable',
      `${this.id}: servers are started on request, as many as instances allows; only resident daemons have replicas`,
    );
  }

  private async endAll(): Promise<void> {
    const left = await this.control.end([...this.service.sessions], 'stopped');
    if (left.length === 0) return;
    throw new UnitError('not-ended', `${this.id}: could not be ended: ${left.map(({ pid }) => `process ${pid}`).join(', ')}`);
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    return (this.service.turn = this.service.turn.then(work, work));
  }
}
