import type { EndpointPlan } from '../../config/plan.js';
import type { Tally } from '../../gate/tally.js';
import type { Sockets } from '../../listen/sockets.js';
import { prepareForBursts } from '../../os/burst.js';
import { setSocketOption, socketName } from '../../os/socket.js';
import type { Subject } from '../../report/event.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { Descriptors } from './descriptors.js';
import type { RegisteredService, RpcRegistrations } from './rpc-registrations.js';

/** `watching`: requests are heard. `lent`: a `wait = yes` server has the socket. `paused`: closed for a time. `stopped`: closed. */
type ListenerState = 'watching' | 'lent' | 'paused' | 'stopped';

/** How soon a service that ran out of descriptors looks again: servers take theirs within milliseconds. */
const HOLD_MS = 50;

/** No want of descriptors for so long means that it is over. */
const CALM_MS = 1000;

/** Between two tries to open a door again that was closed for a time. */
const REOPEN_MS = 10_000;

/** Between two tries to start the server of a waiting request. */
const REST_MS = 1000;

const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;

export interface ListenerContext extends ReportContext, WatchContext {
  readonly sockets: Sockets;
  readonly descriptors: Descriptors;
  readonly registrations: RpcRegistrations;
}

/** A service as its listener knows it. */
export interface ListenerOwner extends RegisteredService {
  readonly subject: Subject;
  readonly token: number;
  readonly passesDatagrams: boolean;
  readonly tally: Tally;
}

/** The socket of a service, and whether requests are heard there. */
export class Listener {
  socket = -1;
  state: ListenerState = 'stopped';
  /** Closed for a time to those who are not known yet. */
  private narrowed = false;
  private lentAtTheEnd = false;
  private resumeTimer: NodeJS.Timeout | null = null;
  private calmTimer: NodeJS.Timeout | null = null;

  constructor(
    protected readonly context: ListenerContext,
    protected readonly service: ListenerOwner,
  ) {}

  private get plan() {
    return this.service.plan;
  }

  /** Opens the socket without hearing it yet, so that a set of services can be opened or given up as a whole. */
  open(): void {
    this.socket = this.context.sockets.open(this.plan);
    this.prepare();
    this.context.registrations.changed(this.service);
  }

  /** Takes over the open socket of a service that ends, callers in its queue included. */
  adopt(predecessor: Listener): void {
    this.context.loop.unwatch(predecessor.socket);
    this.socket = predecessor.socket;
    predecessor.socket = -1;
    this.context.sockets.prepare(this.socket, this.plan.wait);
    this.prepare();
    this.tune(predecessor.plan.endpoint);
    this.context.registrations.changed(predecessor.service);
    this.context.registrations.changed(this.service);
  }

  /** For what the plan says now. */
  prepare(): void {
    const readsDatagrams = this.service.passesDatagrams || (this.plan.activation === 'internal' && this.plan.wait);
    if (readsDatagrams && this.socket !== -1) prepareForBursts(this.socket);
  }

  /** For connections that come from now on; a socket of the service manager has what that has set, unless the plan changes. */
  tune(before: EndpointPlan): void {
    if (this.socket === -1) return;
    const { nodelay, keepalive } = this.plan.endpoint;
    if (nodelay !== before.nodelay) setSocketOption(this.socket, IPPROTO_TCP, TCP_NODELAY, Number(nodelay));
    if (keepalive !== before.keepalive) setSocketOption(this.socket, SOL_SOCKET, SO_KEEPALIVE, Number(keepalive));
  }

  /** The port that clients are connected to, also one that the kernel has chosen; 0 where there is none. */
  get port(): number {
    const { family, port } = this.plan.endpoint;
    return family === 'unix' || port !== 0 || this.socket === -1 ? port : socketName(this.socket).port;
  }

  get endpoint(): EndpointPlan {
    return { ...this.plan.endpoint, port: this.port };
  }

  hear(): void {
    this.state = 'watching';
    this.narrowed = false;
    const { token } = this.service;
    if (this.plan.wait) this.context.loop.watchReadable(this.socket, token);
    else this.context.loop.watchAccept(this.socket, token);
  }

  /** Goes on hearing datagrams after a burst. */
  hearOn(): void {
    if (this.state === 'watching' || this.narrowed) this.context.loop.watchReadable(this.socket, this.service.token);
  }

  /** A server has the socket until `hear` is called. */
  lend(): void {
    this.state = 'lent';
  }

  /**
   * Closes the door for a time, as xinetd does when `cps` is exceeded: clients are refused by the kernel meanwhile. A socket of
   * the service manager stays open, and they wait. One of datagrams that are passed on stays open and is heard: those who are let in
   * already go on, and have their answers from it.
   */
  pause(seconds: number): void {
    if (this.state === 'paused' || this.state === 'stopped') return;
    this.narrowed = this.service.passesDatagrams;
    if (this.narrowed) this.context.loop.watchReadable(this.socket, this.service.token);
    else if (this.context.sockets.isInherited(this.socket)) this.context.loop.unwatch(this.socket);
    else this.close();
    this.state = 'paused';
    this.tellOfPause('cps', seconds);
    this.resumeTimer = setTimeout(() => this.resume(), seconds * 1000);
  }

  /**
   * Leaves callers in the kernel's queue until there are descriptors again to serve them with. The door stays open. However often
   * it happens, it is told once, and the end of it once.
   */
  hold(): void {
    if (this.state !== 'watching') return;
    this.context.loop.unwatch(this.socket);
    this.state = 'paused';
    if (this.calmTimer === null) this.tellOfPause('no-descriptors', HOLD_MS / 1000);
    this.awaitDescriptors();
  }

  /** Hears nothing for a moment: a request whose server cannot be started is still there, and would be tried again at once and for ever. */
  rest(): void {
    this.context.loop.unwatch(this.socket);
    this.state = 'paused';
    this.resumeTimer = setTimeout(() => this.hearAgain(), REST_MS);
  }

  /** Hears nothing more and lends its socket no more; `hear` undoes it. */
  withdraw(): void {
    this.narrowed = false;
    this.context.loop.unwatch(this.socket);
    this.state = 'paused';
  }

  /** Closes the socket, and leaves it to the rest of the service what that means. */
  close(): void {
    this.narrowed = false;
    if (this.socket === -1) return;
    this.context.loop.unwatch(this.socket);
    this.context.sockets.close(this.socket);
    this.socket = -1;
    this.context.registrations.changed(this.service);
  }

  /** Closes it for good. */
  stop(): void {
    // A server that has the socket may go on with it; a successor that took the place has its own by now.
    const nobodyElse = this.socket !== -1 && this.state !== 'lent';
    this.lentAtTheEnd = this.socket !== -1 && this.state === 'lent';
    this.close();
    if (nobodyElse) this.context.sockets.remove(this.plan.endpoint);
    for (const timer of [this.resumeTimer, this.calmTimer]) if (timer !== null) clearTimeout(timer);
    this.state = 'stopped';
  }

  /** Removes what is left of a socket that a server had when the door was stopped. */
  cleanUp(): void {
    if (this.lentAtTheEnd) this.context.sockets.remove(this.plan.endpoint);
  }

  private awaitDescriptors(): void {
    if (this.calmTimer !== null) clearTimeout(this.calmTimer);
    this.calmTimer = setTimeout(() => {
      this.calmTimer = null;
      this.tellOfResumption();
    }, CALM_MS);
    this.resumeTimer = setTimeout(() => {
      if (this.context.descriptors.short()) this.awaitDescriptors();
      else this.hearAgain();
    }, HOLD_MS);
  }

  /** What the kernel has no room for now (ENOSPC of epoll_ctl(2)) it may have later. */
  private hearAgain(): void {
    try {
      this.hear();
    } catch (error) {
      this.context.onError(error);
      this.state = 'paused';
      this.resumeTimer = setTimeout(() => this.hearAgain(), REST_MS);
    }
  }

  private resume(): void {
    this.service.tally.cps.count = 0;
    try {
      if (this.socket === -1) this.open();
    } catch (error) {
      const problem = `${(error as Error).message}; tried again in ${REOPEN_MS / 1000} seconds`;
      this.context.notice('error', `Error activating service ${this.plan.name}: ${problem}`);
      this.resumeTimer = setTimeout(() => this.resume(), REOPEN_MS);
      return;
    }
    this.hearAgain();
    this.tellOfResumption();
  }

  private tellOfPause(reason: 'cps' | 'no-descriptors', seconds: number): void {
    this.context.emit({ type: 'service-paused', at: this.context.now(), service: this.service.subject, reason, seconds });
  }

  private tellOfResumption(): void {
    this.context.emit({ type: 'service-resumed', at: this.context.now(), service: this.service.subject });
  }
}
