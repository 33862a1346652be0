import type { EndpointPlan, RequestPlan } from '../../config/plan.js';
import { describeErrno, SystemError } from '../../errors.js';
import { runLater } from '../../guarded.js';
import { routeCreate } from '../../os/relay.js';
import { acceptOnlyMarked, close, socketName, socketOpen } from '../../os/socket.js';
import type { PreparedProgram } from '../../process/launch.js';
import type { TargetAddress, TargetRoute, Upstream } from '../../relay/targets.js';
import type { WatchContext } from '../context.js';
import { type ServerContext, type ServerEnd, ServerSession } from '../sessions/server-session.js';
import type { SessionOwner } from '../sessions/session.js';
import { UntakenRequests } from './untaken-requests.js';

const EAFNOSUPPORT = 97;
const EADDRNOTAVAIL = 99;

/** SO_MARK of the connections of superd. Other users cannot set it, so they cannot reach the server past the rules. */
const MARK = 0x5d;

/** Between two attempts to watch the socket. */
const RETRY_MS = 1000;

/** Room for every connection that superd makes: the gate has admitted its client already. */
const BACKLOG = 4096;

/** A service with INTERCEPT as its private socket knows it. */
interface InterceptedService extends SessionOwner {
  readonly program: PreparedProgram | null;
}

interface Opened {
  readonly socket: number;
  readonly token: number;
  /** For later clients. */
  route: TargetRoute;
}

/**
 * The socket that a server with INTERCEPT has in place of its service's socket: on the loopback interface, and only superd reaches it.
 * superd starts the server when a client waits there, as it does for every `wait = yes` service.
 */
export class PrivateSocket implements Upstream {
  private opened: Opened | null = null;
  /** 0 where superd may not set one. */
  private mark = 0;
  private retryTimer: NodeJS.Timeout | null = null;
  private readonly untaken: UntakenRequests;

  constructor(
    private readonly context: ServerContext & WatchContext,
    private readonly service: InterceptedService,
  ) {
    this.untaken = new UntakenRequests(context, service);
  }

  /** null, with a report, when the system could not open the socket. */
  current(): TargetRoute | null {
    try {
      this.opened ??= this.open();
      return this.opened.route;
    } catch (error) {
      this.context.onError(error);
      return null;
    }
  }

  /** Applies the present plan to later clients; the server keeps its socket. */
  tune(): void {
    if (this.opened !== null) this.opened.route = this.routeTo(this.opened.socket);
  }

  markFailed(_place: TargetAddress, errno: number): void {
    const [code, text] = describeErrno(errno);
    this.context.notice('error', `${this.service.plan.id}: cannot connect to its server: ${text} (${code})`);
  }

  markWorking(): void {}

  async resolve(): Promise<void> {}

  reportNoAddress(): void {}

  close(): void {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    if (this.opened === null) return;
    const { socket, token } = this.opened;
    this.opened = null;
    this.context.loop.unwatch(socket);
    this.context.readers.delete(token);
    close(socket);
  }

  private open(): Opened {
    const socket = openPrivate(this.service.plan.endpoint);
    try {
      this.mark = acceptOnlyMarked(socket, MARK) ? MARK : 0;
      const token = this.context.nextToken();
      const opened = { socket, token, route: this.routeTo(socket) };
      this.context.loop.watchReadable(socket, token);
      this.context.readers.set(token, () => this.startServer(opened));
      return opened;
    } catch (error) {
      close(socket);
      throw error;
    }
  }

  private routeTo(socket: number): TargetRoute {
    const { endpoint, intercepts } = this.service.plan as RequestPlan;
    const idle = intercepts?.idleTimeout ?? Infinity;
    const address = socketName(socket);
    const route = routeCreate({
      connectTimeout: 0,
      idleTimeout: idle === Infinity ? 0 : idle,
      keepalive: endpoint.keepalive,
      mark: this.mark,
      credentials: null,
      targets: [address],
    });
    return { route, addresses: [{ address, description: 'its server' }] };
  }

  /** No limit counts the session of the server: the sessions of its clients are counted. */
  private startServer(opened: Opened): void {
    const { context, service } = this;
    const session = new ServerSession(context, service, { address: null, port: 0 }, '', (end) => this.serverGone(opened, end), 'uncounted');
    session.launch(service.program as PreparedProgram, opened.socket, 'copy');
  }

  private serverGone(opened: Opened, end: ServerEnd): void {
    if (this.opened !== opened) return;
    const pause = this.untaken.serverEnded(opened.socket, end);
    if (pause > 0) this.watchLater(opened, pause);
    else this.watch(opened);
  }

  private watchLater(opened: Opened, milliseconds: number): void {
    this.retryTimer = runLater(() => this.watch(opened), milliseconds);
  }

  /** The kernel may have no room for one more (ENOSPC of epoll_ctl(2)), and have it later. */
  private watch(opened: Opened): void {
    try {
      this.context.loop.watchReadable(opened.socket, opened.token);
    } catch (error) {
      this.context.onError(error);
      this.watchLater(opened, RETRY_MS);
    }
  }
}

/** Opens a socket of the family of the service; an IPv4 socket where the machine has no IPv6. */
function openPrivate({ type, family, nodelay, keepalive }: EndpointPlan): number {
  const backlog = type === 'dgram' ? -1 : BACKLOG;
  const spec = { type, protocol: 0, port: 0, backlog, nodelay, keepalive, device: null } as const;
  const options = { nonblocking: false, reuseAddress: false, v6only: false, freebind: false };
  const inet = { ...spec, ...options, family: 'inet', address: '127.0.0.1' } as const;
  if (family === 'inet') return socketOpen(inet);
  try {
    return socketOpen({ ...inet, family: 'inet6', address: '::1' });
  } catch (error) {
    if (!(error instanceof SystemError) || (error.errno !== EAFNOSUPPORT && error.errno !== EADDRNOTAVAIL)) throw error;
    return socketOpen(inet);
  }
}
