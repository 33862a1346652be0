import { openSync } from 'node:fs';
import { PrefixSet } from '../address/prefix-set.js';
import type { EndpointPlan, ServicePlan } from '../config/plan.js';
import { Tally } from '../gate/facts.js';
import { compileGate, type Gate } from '../gate/gate.js';
import { describeEndpoint } from '../listen/open.js';
import { prepareForBursts } from '../os/burst.js';
import { socketName } from '../os/socket.js';
import { type PreparedProgram, prepareProgram } from '../process/launch.js';
import type { Subject } from '../report/event.js';
import { type Answer, answerOf } from './answer.js';
import { ErrorText } from './error-text.js';
import { Interception } from './interception.js';
import type { Runtime } from './runtime.js';
import type { Session } from './session.js';
import type { SessionLimits } from './session-limits.js';
import type { WaitingRoom } from './waiting-room.js';

/** `watching`: requests are heard. `lent`: a `wait = yes` server has the socket. `paused`: closed for a time. `stopped`: closed. */
type State = 'watching' | 'lent' | 'paused' | 'stopped';

const DONE = Promise.resolve();

/** How soon a service that ran out of descriptors looks again: servers take theirs within milliseconds. */
const HOLD_MS = 50;

/** No want of descriptors for so long means that it is over. */
const CALM_MS = 1000;

/** Between two tries to open a door again that was closed for a time. */
const REOPEN_MS = 10_000;

/** Between two tries to start the server of a waiting request. */
const REST_MS = 1000;

/** One service as it runs: its socket, its gate and its sessions. The plan may be exchanged while it runs. */
export class Service {
  readonly tally = new Tally();
  readonly sessions = new Set<Session>();
  plan: ServicePlan;
  subject: Subject;
  gate: Gate;
  /** null where superd itself answers. */
  program: PreparedProgram | null;
  answer: Answer | null;
  /** Where clients wait, once the first has. */
  room: WaitingRoom | null = null;
  /** Ends sessions, once there was one to be ended. */
  sessionLimits: SessionLimits | null = null;
  /** Whose connections begin with a PROXY header; null where nobody's do. */
  proxies: PrefixSet | null;
  socket = -1;
  state: State = 'stopped';
  /** Why it is stopped, where nobody wanted that. */
  problem = '';
  /** When it was opened or closed last, milliseconds since the epoch. */
  since: number;
  /** Stopped by an operator: it is opened again by an operator only. */
  held = false;
  started = 0;
  refused = 0;
  failed = 0;
  /** The commands of operators, one after the other. */
  turn: Promise<void> = DONE;
  /** Closed for a time to those who are not known yet. */
  private narrowed = false;
  private emptied: (() => void) | null = null;
  private errorText: ErrorText | null = null;
  private lastErrorText: ErrorText | null = null;
  private lentAtTheEnd = false;
  private resumeTimer: NodeJS.Timeout | null = null;
  private calmTimer: NodeJS.Timeout | null = null;

  /** @param token Comes back from the native side with everything about this service's socket. */
  constructor(
    private readonly runtime: Runtime,
    plan: ServicePlan,
    readonly token: number,
  ) {
    this.plan = plan;
    this.since = runtime.now();
    this.subject = { id: plan.id, name: plan.name };
    this.gate = this.compile(plan);
    this.program = this.prepare(plan);
    this.answer = answerOf(this, this.runtime);
    this.proxies = plan.proxyFrom === null ? null : new PrefixSet(plan.proxyFrom);
  }

  /** Opens the socket without hearing it yet, so that a set of services can be opened or given up as a whole. */
  open(): void {
    if (this.held) return;
    this.socket = this.runtime.sockets.open(this.plan);
    this.prepareSocket();
    this.runtime.registrations.changed(this);
  }

  /** Takes over the open socket of a service that ends, callers in its queue included. */
  adopt(predecessor: Service): void {
    this.runtime.loop.unwatch(predecessor.socket);
    this.socket = predecessor.socket;
    predecessor.socket = -1;
    this.runtime.sockets.prepare(this.socket, this.plan.wait);
    this.prepareSocket();
    this.runtime.registrations.changed(predecessor);
    this.runtime.registrations.changed(this);
  }

  /** Begins to hear requests. */
  watch(): void {
    if (this.held) return;
    this.hear();
    this.problem = '';
    this.since = this.runtime.now();
    this.runtime.emit({
      type: 'service-listening',
      at: this.runtime.now(),
      service: this.subject,
      endpoint: describeEndpoint(this.endpoint),
    });
  }

  /** With the port that the kernel has chosen, where it was left to it. */
  private get endpoint(): EndpointPlan {
    const { endpoint } = this.plan;
    return endpoint.family === 'unix' || endpoint.port !== 0 ? endpoint : { ...endpoint, port: socketName(this.socket).port };
  }

  hear(): void {
    this.state = 'watching';
    this.narrowed = false;
    if (this.plan.wait) this.runtime.loop.watchReadable(this.socket, this.token);
    else this.runtime.loop.watchAccept(this.socket, this.token);
  }

  /** Goes on hearing datagrams after a burst. */
  hearOn(): void {
    if (this.state === 'watching' || this.narrowed) this.runtime.loop.watchReadable(this.socket, this.token);
  }

  /**
   * Where the error text of the next server goes, as `stderr` of xinetd.conf says: the client, the log, or nowhere.
   *
   * @param connection What the server gets as its descriptors 0 and 1.
   * @returns A descriptor to be given away with it.
   */
  errorDescriptor(connection: number): number {
    switch (this.plan.program.stderr) {
      case 'client':
        return connection;
      case 'null':
        return openSync('/dev/null', 'r+');
      case 'log':
        this.errorText ??= new ErrorText(this.runtime, (text) => this.said(text));
        return this.errorText.descriptor();
    }
  }

  private said(text: string): void {
    this.runtime.emit({ type: 'server-said', at: this.runtime.now(), service: this.subject, text });
  }

  private retireErrorText(): void {
    this.errorText?.retire();
    this.lastErrorText = this.errorText;
    this.errorText = null;
  }

  /** The rules, the program and the names change; the socket and whoever runs stay. */
  exchange(plan: ServicePlan): void {
    if (plan.program.stderr !== 'log') this.retireErrorText();
    this.plan = plan;
    this.subject = { id: plan.id, name: plan.name };
    this.gate = this.compile(plan);
    this.program = this.prepare(plan);
    // One that intercepts does so before and after (`socketKey`), and has clients.
    if (!(this.answer instanceof Interception)) this.answer = answerOf(this, this.runtime);
    this.proxies = plan.proxyFrom === null ? null : new PrefixSet(plan.proxyFrom);
    this.prepareSocket();
    this.runtime.registrations.changed(this);
  }

  /**
   * Closes the door for a time, as xinetd does when `cps` is exceeded: clients are refused by the kernel meanwhile. A socket of
   * the service manager stays open, and they wait. One of datagrams that are passed on stays open and is heard: those who are let in
   * already go on, and have their answers from it.
   */
  pause(seconds: number): void {
    if (this.state === 'paused' || this.state === 'stopped') return;
    this.narrowed = this.plan.activation === 'redirect' && this.plan.wait;
    if (this.narrowed) this.runtime.loop.watchReadable(this.socket, this.token);
    else if (this.runtime.sockets.isInherited(this.socket)) this.runtime.loop.unwatch(this.socket);
    else this.closeSocket();
    this.state = 'paused';
    this.runtime.emit({ type: 'service-paused', at: this.runtime.now(), service: this.subject, reason: 'cps', seconds });
    this.resumeTimer = setTimeout(() => this.resume(), seconds * 1000);
  }

  /**
   * Leaves callers in the kernel's queue until there are descriptors again to serve them with. The door stays open. However often
   * it happens, it is told once, and the end of it once.
   */
  hold(): void {
    if (this.state !== 'watching') return;
    this.runtime.loop.unwatch(this.socket);
    this.state = 'paused';
    if (this.calmTimer === null) {
      const seconds = HOLD_MS / 1000;
      this.runtime.emit({ type: 'service-paused', at: this.runtime.now(), service: this.subject, reason: 'no-descriptors', seconds });
    }
    this.awaitDescriptors();
  }

  private awaitDescriptors(): void {
    if (this.calmTimer !== null) clearTimeout(this.calmTimer);
    this.calmTimer = setTimeout(() => {
      this.calmTimer = null;
      this.runtime.emit({ type: 'service-resumed', at: this.runtime.now(), service: this.subject });
    }, CALM_MS);
    this.resumeTimer = setTimeout(() => {
      if (this.runtime.descriptors.short()) this.awaitDescriptors();
      else this.hearAgain();
    }, HOLD_MS);
  }

  /** Hears nothing for a moment: a request whose server cannot be started is still there, and would be tried again at once and for ever. */
  rest(): void {
    this.runtime.loop.unwatch(this.socket);
    this.state = 'paused';
    this.resumeTimer = setTimeout(() => this.hearAgain(), REST_MS);
  }

  /** What the kernel has no room for now (ENOSPC of epoll_ctl(2)) it may have later. */
  private hearAgain(): void {
    try {
      this.hear();
    } catch (error) {
      this.runtime.onError(error);
      this.state = 'paused';
      this.resumeTimer = setTimeout(() => this.hearAgain(), REST_MS);
    }
  }

  /** Closes a socket that nobody has heard of yet, or that is about to be replaced; `reclaim` undoes it. */
  release(): void {
    this.closeSocket();
  }

  reclaim(): void {
    try {
      this.open();
      if (this.state === 'watching') this.hear();
    } catch (error) {
      this.fail((error as Error).message);
    }
  }

  /** Hears nothing more and lends its socket no more; `hear` undoes it. */
  withdraw(): void {
    this.narrowed = false;
    this.runtime.loop.unwatch(this.socket);
    this.state = 'paused';
  }

  stop(): void {
    if (this.state !== 'stopped') this.fail('');
    this.problem = '';
  }

  /** Ends it for a reason that the operator did not give. */
  fail(problem: string): void {
    // A server that has the socket may go on with it; a successor that took the place has its own by now.
    const nobodyElse = this.socket !== -1 && this.state !== 'lent';
    this.lentAtTheEnd = this.socket !== -1 && this.state === 'lent';
    this.closeSocket();
    if (nobodyElse) this.runtime.sockets.remove(this.plan.endpoint);
    this.room?.close();
    this.answer?.close?.();
    this.retireErrorText();
    for (const timer of [this.resumeTimer, this.calmTimer]) if (timer !== null) clearTimeout(timer);
    this.state = 'stopped';
    this.problem = problem;
    this.since = this.runtime.now();
    this.runtime.commands.end(this);
    this.runtime.emit({ type: 'service-stopped', at: this.runtime.now(), service: this.subject, problem });
  }

  /** Once its servers are gone: takes in their last words, and removes what is left of a socket that one of them had. */
  cleanUp(): void {
    this.lastErrorText?.drain();
    if (this.lentAtTheEnd) this.runtime.sockets.remove(this.plan.endpoint);
  }

  /** Settles when no session is left. */
  whenEmpty(): Promise<void> {
    if (this.sessions.size === 0) return DONE;
    const before = this.emptied;
    return new Promise((resolve) => {
      this.emptied = () => {
        before?.();
        resolve();
      };
    });
  }

  /** A session is over. */
  forget(session: Session): void {
    this.sessions.delete(session);
    if (this.emptied === null || this.sessions.size > 0) return;
    this.emptied();
    this.emptied = null;
  }

  private resume(): void {
    this.tally.cps.count = 0;
    try {
      if (this.socket === -1) this.open();
    } catch (error) {
      this.complain(`${(error as Error).message}; tried again in ${REOPEN_MS / 1000} seconds`);
      this.resumeTimer = setTimeout(() => this.resume(), REOPEN_MS);
      return;
    }
    this.hearAgain();
    this.runtime.emit({ type: 'service-resumed', at: this.runtime.now(), service: this.subject });
  }

  private complain(problem: string): void {
    const { name } = this.plan;
    this.runtime.notice('error', `Error activating service ${name}: ${problem}`);
  }

  private prepareSocket(): void {
    if (this.plan.activation !== 'request' && this.plan.wait && this.socket !== -1) prepareForBursts(this.socket);
  }

  private closeSocket(): void {
    this.narrowed = false;
    if (this.socket === -1) return;
    this.runtime.loop.unwatch(this.socket);
    this.runtime.sockets.close(this.socket);
    this.socket = -1;
    this.runtime.registrations.changed(this);
  }

  private prepare(plan: ServicePlan): PreparedProgram | null {
    return plan.activation === 'request' ? prepareProgram(plan.program, this.runtime.inheritance) : null;
  }

  private compile(plan: ServicePlan): Gate {
    // Its window may be another.
    this.tally.refusals = null;
    if (plan.gate.perPrefix !== this.tally.byPrefix?.limits) this.tally.limitNetworks(plan.gate.perPrefix);
    return compileGate(plan.gate, this.runtime.surroundings, plan.endpoint.family !== 'unix');
  }
}
