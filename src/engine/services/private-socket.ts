import type { EndpointPlan, RequestPlan } from '../../config/plan.js';
import { describeErrno, SystemError } from '../../errors.js';
import { routeCreate } from '../../os/relay.js';
import { acceptOnlyMarked, close, socketName, socketOpen } from '../../os/socket.js';
import type { PreparedProgram } from '../../process/launch.js';
import type { TargetAddress, TargetRoute, Upstream } from '../../relay/targets.js';
import type { WatchContext } from '../context.js';
import { type ServerContext, ServerSession } from '../sessions/server-session.js';
import type { SessionOwner } from '../sessions/session.js';

const EAFNOSUPPORT = 97;
const EADDRNOTAVAIL = 99;

/** SO_MARK of what comes from superd: other users of the machine, who cannot set it, do not get past the rules. */
const MARK = 0x5d;

/** Between two tries to start a server that could not be started. */
const RETRY_MS = 1000;

/** Takes all that the kernel has on its way to a server: it is superd that connects, and has let in whom it connects for. */
const BACKLOG = 4096;

/** A service with INTERCEPT as its private socket knows it. */
interface InterceptedService extends SessionOwner {
  readonly program: PreparedProgram | null;
}

/** What is open, and as what it is known. */
interface Opened {
  readonly socket: number;
  readonly token: number;
  /** For those who come from now on. */
  route: TargetRoute;
}

/**
 * What a server has in the place of its service's socket (`wait = yes` with INTERCEPT): a socket of its own on the loopback interface, which superd alone
 * reaches. The server is started when something waits there, as any server of a `wait = yes` service.
 */
export class PrivateSocket implements Upstream {
  private opened: Opened | null = null;
  /** 0 where superd may make none. */
  private mark = 0;
  private retryTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: ServerContext & WatchContext,
    private readonly service: InterceptedService,
  ) {}

  /** null when the machine could not open it, which is told. */
  current(): TargetRoute | null {
    try {
      this.opened ??= this.open();
      return this.opened.route;
    } catch (error) {
      this.context.onError(error);
      return null;
    }
  }

  /** For what the plan says now of those who are passed on; the server keeps its socket. */
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
      const door = { socket, token, route: this.routeTo(socket) };
      this.context.loop.watchReadable(socket, token);
      this.context.readers.set(token, () => this.startServer(door));
      return door;
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

  /** Its clients have their places already; the server takes none. */
  private startServer(door: Opened): void {
    const { context, service } = this;
    const session = new ServerSession(
      context,
      service,
      { address: null, port: 0 },
      '',
      (outcome) => this.serverGone(door, outcome),
      'uncounted',
    );
    session.launch(service.program as PreparedProgram, door.socket, 'lend');
  }

  private serverGone(door: Opened, outcome: 'ended' | 'failed'): void {
    if (this.opened !== door) return;
    // Who waits is still there, and would be tried again at once and for ever.
    if (outcome === 'failed') this.retryLater(door);
    else this.watch(door);
  }

  private retryLater(door: Opened): void {
    this.retryTimer = setTimeout(() => this.watch(door), RETRY_MS);
  }

  /** What the kernel has no room for now (ENOSPC of epoll_ctl(2)) it may have later. */
  private watch(door: Opened): void {
    try {
      this.context.loop.watchReadable(door.socket, door.token);
    } catch (error) {
      this.context.onError(error);
      this.retryLater(door);
    }
  }
}

/** Of the family that its server would find otherwise; an IPv4 socket where the machine has no IPv6. */
function openPrivate({ type, family, nodelay, keepalive }: EndpointPlan): number {
  const backlog = type === 'dgram' ? -1 : BACKLOG;
  const spec = { type, protocol: 0, port: 0, backlog, nodelay, keepalive, device: null } as const;
  const manner = { nonblocking: false, reuseAddress: false, v6only: false, freebind: false };
  const inet = { ...spec, ...manner, family: 'inet', address: '127.0.0.1' } as const;
  if (family === 'inet') return socketOpen(inet);
  try {
    return socketOpen({ ...inet, family: 'inet6', address: '::1' });
  } catch (error) {
    if (!(error instanceof SystemError) || (error.errno !== EAFNOSUPPORT && error.errno !== EADDRNOTAVAIL)) throw error;
    return socketOpen(inet);
  }
}
