import { describeEndpoint } from '../../address/endpoint.js';
import { PrefixSet } from '../../address/prefix-set.js';
import type { ServicePlan } from '../../config/plan.js';
import type { GateContext } from '../../gate/context.js';
import { compileGate, type Gate } from '../../gate/gate.js';
import { Tally } from '../../gate/tally.js';
import { type PreparedProgram, prepareProgram } from '../../process/launch.js';
import type { Subject } from '../../report/event.js';
import type { OutputContext } from '../context.js';
import type { Commands } from '../lookups/commands.js';
import type { ServerContext } from '../sessions/server-session.js';
import type { Session } from '../sessions/session.js';
import { Stderr } from '../sessions/stderr.js';
import type { Answer } from './answer.js';
import { lacksAddress } from './lacks-address.js';
import { Listener, type ListenerContext, type ListenerOwner } from './listener.js';
import { PrivateSocket } from './private-socket.js';
import { SessionLimits } from './session-limits.js';
import { UntakenRequests } from './untaken-requests.js';

const DONE = Promise.resolve();

export interface ServiceContext extends ListenerContext, OutputContext, ServerContext {
  readonly commands: Commands;
  readonly gateContext: GateContext;
  /** The services of the present plan; another array when there are others. */
  services(): readonly Service[];
  /** What superd itself does with the connections of a service. */
  answerOf(service: Service): Answer | null;
}

/** The clients that wait for a place (`queue`), as their service knows them. */
interface ClientQueue {
  /** A place may be free. */
  wake(): void;
  /** The service is closed. */
  close(): void;
}

/** A running service: its listener, its gate and its sessions. Its plan may change while it runs. */
export class Service {
  readonly tally = new Tally();
  readonly sessions = new Set<Session>();
  readonly listener: Listener;
  readonly untaken: UntakenRequests;
  readonly stderr: Stderr;
  plan: ServicePlan;
  subject: Subject;
  gate: Gate;
  /** null where superd itself answers. */
  program: PreparedProgram | null;
  answer: Answer | null;
  /** Where its server accepts clients (INTERCEPT). A new plan cannot add or remove it: that makes another service (`serviceKey`). */
  readonly privateSocket: PrivateSocket | null;
  /** Created when the first client waits. */
  waitQueue: ClientQueue | null = null;
  /** The proxies whose connections begin with a PROXY header; null without `proxy_from`. */
  trustedProxies: PrefixSet | null;
  /** The service that took over this socket and its waiting clients under a new plan. */
  successor: Service | null = null;
  /** Why its socket could not be opened; empty when it could. */
  problem = '';
  /** Only its address is not there yet. */
  lacksAddress = false;
  /** When it was opened or closed last, milliseconds since the epoch. */
  since: number;
  /** Stopped by an operator: it is opened again by an operator only. */
  stoppedByOperator = false;
  started = 0;
  refused = 0;
  failed = 0;
  /** The last command of an operator: commands run one after the other. */
  turn: Promise<void> = DONE;
  private sessionLimits: SessionLimits | null = null;
  private onEmpty: (() => void) | null = null;

  /** @param token Comes back from the native side with everything about this service's socket. */
  constructor(
    private readonly context: ServiceContext,
    plan: ServicePlan,
    readonly token: number,
    Opening: new (context: ServiceContext, service: ListenerOwner) => Listener = Listener,
  ) {
    this.plan = plan;
    this.since = context.now();
    this.subject = { id: plan.id, name: plan.name };
    this.listener = new Opening(context, this);
    this.untaken = new UntakenRequests(context, this);
    this.stderr = new Stderr(context, this);
    this.gate = this.compile(plan);
    this.program = this.prepare(plan);
    this.privateSocket = plan.activation === 'request' && plan.intercepts !== null ? new PrivateSocket(context, this) : null;
    this.answer = this.context.answerOf(this);
    this.trustedProxies = plan.proxyFrom === null ? null : new PrefixSet(plan.proxyFrom);
  }

  /** −1 while there is none. */
  get socket(): number {
    return this.listener.socket;
  }

  get state(): Listener['state'] {
    return this.listener.state;
  }

  /** superd reads the datagrams and sends them on: to the targets of a redirect, or to the server's private socket. */
  get relaysDatagrams(): boolean {
    return this.plan.wait && (this.plan.activation === 'redirect' || this.privateSocket !== null);
  }

  /** Opens the socket and does not listen yet, so that a set of services can be opened, or given up, as a whole. */
  open(): void {
    if (!this.stoppedByOperator) this.listener.open();
  }

  listen(): void {
    if (this.stoppedByOperator) return;
    this.successor = null;
    this.listener.handle('listen');
    this.problem = '';
    this.since = this.context.now();
    const endpoint = describeEndpoint(this.listener.endpoint);
    this.context.emit({ type: 'service-listening', at: this.since, service: this.subject, endpoint });
  }

  /** Changes the rules, the program and the names; the socket and the sessions stay. */
  updatePlan(plan: ServicePlan): void {
    if (plan.program.stderr !== 'log') this.stderr.retire();
    const { endpoint } = this.plan;
    this.plan = plan;
    this.subject = { id: plan.id, name: plan.name };
    this.gate = this.compile(plan);
    this.program = this.prepare(plan);
    this.answer = this.context.answerOf(this);
    this.trustedProxies = plan.proxyFrom === null ? null : new PrefixSet(plan.proxyFrom);
    this.listener.prepare();
    this.listener.tune(endpoint);
    this.privateSocket?.tune();
    this.context.registrations.changed(this);
  }

  /** Reopens a socket that was closed for a successor that failed to open. */
  reclaim(): void {
    try {
      this.open();
      this.listener.watchAgain();
    } catch (error) {
      this.notOpened(error as Error);
    }
  }

  /** An operator or a new plan stops it. */
  stop(): void {
    this.problem = '';
    if (this.state === 'stopped') return;
    this.close();
    this.context.emit({ type: 'service-stopped', at: this.since, service: this.subject });
  }

  /** Its socket cannot be opened. Reports each reason once for all attempts. */
  notOpened(error: Error): void {
    const { message } = error;
    if (message === this.problem) {
      // A failed attempt may have left a socket.
      this.listener.close();
      return;
    }
    this.close();
    this.problem = message;
    this.lacksAddress = lacksAddress(error);
    this.context.emit({ type: 'service-unopened', at: this.since, service: this.subject, problem: message });
  }

  private close(): void {
    this.listener.handle('stop');
    this.waitQueue?.close();
    this.privateSocket?.close();
    this.stderr.retire();
    this.since = this.context.now();
    this.context.commands.end(this);
  }

  /** Clears up once its servers are gone. */
  cleanUp(): void {
    this.stderr.drain();
    this.listener.cleanUp();
  }

  /** Settles when no session is left. */
  whenEmpty(): Promise<void> {
    if (this.sessions.size === 0) return DONE;
    const before = this.onEmpty;
    return new Promise((resolve) => {
      this.onEmpty = () => {
        before?.();
        resolve();
      };
    });
  }

  /** Holds its sessions to `session_limit` and `session_idle`; called when one begins. */
  limitSessions(): void {
    if (this.plan.gate.session !== null) (this.sessionLimits ??= new SessionLimits(this.context, this)).watch();
  }

  /** A session is over. */
  forget(session: Session): void {
    this.sessions.delete(session);
    this.waitQueue?.wake();
    if (this.onEmpty === null || this.sessions.size > 0) return;
    this.onEmpty();
    this.onEmpty = null;
  }

  private prepare(plan: ServicePlan): PreparedProgram | null {
    return plan.activation === 'request' ? prepareProgram(plan.program, this.context.inheritance) : null;
  }

  private compile(plan: ServicePlan): Gate {
    // `ban_after` may have another window.
    this.tally.refusals = null;
    if (plan.gate.perPrefix !== this.tally.byPrefix?.limits) this.tally.setPrefixLimits(plan.gate.perPrefix);
    return compileGate(plan.gate, this.context.gateContext, plan.endpoint.family === 'unix' ? 'none' : 'address');
  }
}
