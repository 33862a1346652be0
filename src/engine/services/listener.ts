import type { EndpointPlan, ServicePlan } from '../../config/plan.js';
import type { Tally } from '../../gate/tally.js';
import { runLater } from '../../guarded.js';
import type { Sockets } from '../../listen/sockets.js';
import { prepareForBursts } from '../../os/burst.js';
import { setSocketOption, socketName } from '../../os/socket.js';
import type { Subject } from '../../report/event.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { Descriptors } from './descriptors.js';
import { type ListenerEffect, type ListenerReason, type ListenerState, listenerTable } from './listener-states.js';
import type { RegisteredService, RpcRegistrations } from './rpc-registrations.js';

/** How soon a listener without descriptors looks again: servers that start take theirs within milliseconds. */
const DESCRIPTORS_MS = 50;

/** The shortage of descriptors is over when there was none for this long. */
const CALM_MS = 1000;

/** The longest time of setTimeout(). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Between two attempts to reopen a socket after the pause of `cps`. */
const REOPEN_MS = 4000;

/** Between two attempts to take a request that could not be taken. */
const RETRY_MS = 1000;

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
  readonly plan: ServicePlan;
  readonly subject: Subject;
  /** Comes back from the native side with everything about the socket. */
  readonly token: number;
  readonly relaysDatagrams: boolean;
  readonly tally: Tally;
}

/** The socket of a service, and whether it takes requests: `listenerTable` has all that can happen to it. */
export class Listener {
  socket = -1;
  state: ListenerState = 'stopped';
  /** Paused for `cps`, and still watched for the clients of a UDP relay that are known already. */
  private onlyKnown = false;
  /** A server has the socket of a listener that was stopped. */
  private leftToServer = false;
  private pauseTimer: NodeJS.Timeout | null = null;
  private backOffMs = RETRY_MS;
  private calmTimer: NodeJS.Timeout | null = null;

  constructor(
    protected readonly context: ListenerContext,
    protected readonly service: ListenerOwner,
  ) {}

  private get plan() {
    return this.service.plan;
  }

  /** Moves to the next state for a reason. A reason that means nothing in the present state is ignored. Never throws. */
  handle(reason: ListenerReason): void {
    const { to, effect } = listenerTable[this.state][reason];
    this.state = to;
    this.perform(effect);
  }

  /** The server with the socket has ended. @param pause After how many milliseconds another one may start; 0 for at once. */
  serverGone(pause: number): void {
    this.backOffMs = pause;
    this.handle(pause === 0 ? 'server-ended' : 'server-failed');
  }

  /** Opens the socket and does not listen yet, so that a set of services can be opened, or given up, as a whole. */
  open(): void {
    this.socket = this.context.sockets.open(this.plan);
    this.prepare();
    this.context.registrations.changed(this.service);
  }

  /** Takes over the open socket of a service that ends, with the clients in the kernel's queue. */
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

  /** Sets the socket up for the present plan. */
  prepare(): void {
    const readsDatagrams = this.service.relaysDatagrams || (this.plan.activation === 'internal' && this.plan.wait);
    if (readsDatagrams && this.socket !== -1) prepareForBursts(this.socket);
  }

  /** Changes what later connections inherit. A socket of the service manager keeps what the manager has set, unless the plan changes. */
  tune(before: EndpointPlan): void {
    if (this.socket === -1) return;
    const { nodelay, keepalive } = this.plan.endpoint;
    if (nodelay !== before.nodelay) setSocketOption(this.socket, IPPROTO_TCP, TCP_NODELAY, Number(nodelay));
    if (keepalive !== before.keepalive) setSocketOption(this.socket, SOL_SOCKET, SO_KEEPALIVE, Number(keepalive));
  }

  /** The port that clients connect to, also one that the kernel has chosen; 0 where there is none. */
  get port(): number {
    const { family, port } = this.plan.endpoint;
    return family === 'unix' || port !== 0 || this.socket === -1 ? port : socketName(this.socket).port;
  }

  get endpoint(): EndpointPlan {
    return { ...this.plan.endpoint, port: this.port };
  }

  /** The kernel reports a socket that superd reads itself once: to be called after each report. */
  watchAgain(): void {
    if (this.state === 'listening' || this.onlyKnown) this.watch();
  }

  /** Closes the socket and leaves the state as it is. */
  close(): void {
    this.onlyKnown = false;
    if (this.socket === -1) return;
    this.context.loop.unwatch(this.socket);
    this.context.sockets.close(this.socket);
    this.socket = -1;
    this.context.registrations.changed(this.service);
  }

  /** Removes the path of a unix socket that a server still had when the listener stopped; to be called when that server has ended. */
  cleanUp(): void {
    if (this.leftToServer) this.context.sockets.remove(this.plan.endpoint);
  }

  /** The kernel may have no room for one more (ENOSPC of epoll_ctl(2)), and have it later. */
  protected watch(): void {
    const { token } = this.service;
    try {
      if (this.plan.wait) this.context.loop.watchReadable(this.socket, token);
      else this.context.loop.watchAccept(this.socket, token, this.context.descriptors.reserve);
    } catch (error) {
      this.context.onError(error);
      this.handle('error');
    }
  }

  private perform(effect: ListenerEffect): void {
    switch (effect) {
      case 'nothing':
        return;
      case 'watch':
        this.onlyKnown = false;
        this.setPauseTimer(null);
        this.watch();
        return;
      case 'close-for-now':
        this.closeForNow();
        return;
      case 'await-descriptors':
        this.context.loop.unwatch(this.socket);
        // A shortage comes and goes many times a second; superd reports its beginning and its end.
        if (this.calmTimer === null) this.reportPause('no-descriptors', DESCRIPTORS_MS / 1000);
        this.awaitDescriptors();
        return;
      case 'retry':
        this.context.loop.unwatch(this.socket);
        this.setPauseTimer(RETRY_MS, () => this.handle('resume'));
        return;
      case 'back-off':
        this.setPauseTimer(this.backOffMs, () => this.handle('resume'));
        return;
      case 'unwatch':
        this.context.loop.unwatch(this.socket);
        return;
      case 'leave':
        this.leftToServer = this.socket !== -1;
        this.end();
        return;
      case 'close': {
        // One that has taken the place of this listener has the path by now.
        const hasPath = this.socket !== -1;
        this.leftToServer = false;
        this.end();
        if (hasPath) this.context.sockets.remove(this.plan.endpoint);
      }
    }
  }

  /**
   * As xinetd when `cps` is exceeded: the kernel refuses clients meanwhile. A socket of the service manager stays open, and its clients wait. The
   * socket of a UDP relay stays open and watched: known clients go on, and get their answers from it.
   */
  private closeForNow(): void {
    const seconds = this.plan.gate.cps?.waitSeconds ?? 0;
    this.onlyKnown = this.service.relaysDatagrams;
    if (this.onlyKnown) this.watch();
    else if (this.context.sockets.isInherited(this.socket)) this.context.loop.unwatch(this.socket);
    else this.close();
    this.reportPause('cps', seconds);
    this.setPauseTimer(seconds * 1000, () => this.reopen());
  }

  private reopen(): void {
    this.service.tally.cps.count = 0;
    try {
      if (this.socket === -1) this.open();
    } catch (error) {
      const problem = `${(error as Error).message}; tried again in ${REOPEN_MS / 1000} seconds`;
      this.context.notice('error', `Error activating service ${this.plan.name}: ${problem}`);
      this.setPauseTimer(REOPEN_MS, () => this.reopen());
      return;
    }
    this.handle('resume');
    this.reportResumption();
  }

  private awaitDescriptors(): void {
    if (this.calmTimer !== null) clearTimeout(this.calmTimer);
    this.calmTimer = runLater(() => {
      this.calmTimer = null;
      this.reportResumption();
    }, CALM_MS);
    this.setPauseTimer(DESCRIPTORS_MS, () => {
      if (this.context.descriptors.short()) this.awaitDescriptors();
      else this.handle('resume');
    });
  }

  private end(): void {
    this.close();
    this.setPauseTimer(null);
    if (this.calmTimer !== null) clearTimeout(this.calmTimer);
    this.calmTimer = null;
  }

  private setPauseTimer(milliseconds: number | null, then: () => void = () => {}): void {
    if (this.pauseTimer !== null) clearTimeout(this.pauseTimer);
    this.pauseTimer = milliseconds === null ? null : runLater(then, Math.min(milliseconds, LONGEST_TIMER_MS));
  }

  private reportPause(reason: 'cps' | 'no-descriptors', seconds: number): void {
    this.context.emit({ type: 'service-paused', at: this.context.now(), service: this.service.subject, reason, seconds });
  }

  private reportResumption(): void {
    this.context.emit({ type: 'service-resumed', at: this.context.now(), service: this.service.subject });
  }
}
