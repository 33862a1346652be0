import type { EndpointPlan } from '../config/plan.js';
import { describeErrno, SystemError } from '../errors.js';
import type { Route } from '../os/binding.js';
import { routeCreate } from '../os/relay.js';
import { close, hearMarked, socketName, socketOpen } from '../os/socket.js';
import type { PreparedProgram } from '../process/launch.js';
import type { Relay } from '../relay/relays.js';
import type { Answer } from './answer.js';
import type { OwnSession } from './own-session.js';
import type { Runtime } from './runtime.js';
import { ServerSession } from './server-session.js';
import type { Service } from './service.js';

const EAFNOSUPPORT = 97;
const EADDRNOTAVAIL = 99;

/** SO_MARK of what comes from superd: other users of the machine, who cannot set it, do not get past the rules. */
const MARK = 0x5d;

/** Between two tries to start a server that could not be started. */
const REST_MS = 1000;

/** Takes all that the kernel has on its way to a server: it is superd that connects, and has let in whom it connects for. */
const BACKLOG = 4096;

/** What a server listens on whose clients come through superd. */
interface Listener {
  readonly socket: number;
  readonly token: number;
  readonly route: Route;
}

/**
 * Stands between clients and a server that accepts them itself (`wait = yes` with INTERCEPT). The server gets a listening socket of its own, and is
 * started when the first of the admitted is waiting there, as any server of a `wait = yes` service.
 */
export class Interception implements Answer {
  private listener: Listener | null = null;
  private restTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly runtime: Runtime,
    private readonly service: Service,
  ) {}

  serve(session: OwnSession, socket: number): void {
    const relay = this.relay(session, socket);
    if (relay === null) return;
    session.begin(
      () => relay.end(),
      () => relay.traffic,
    );
  }

  /** The socket belongs to the relay from then on; null when the machine could not, and the session is over. */
  private relay(session: OwnSession, socket: number): Relay | null {
    try {
      return this.runtime.relays.start(this.listen().route, socket, null, {
        failed: (_target, errno) => this.tellOf(errno),
        ended: ({ fromClient, fromTarget }) => session.end({ fromClient, fromTarget }),
      });
    } catch (error) {
      close(socket);
      session.cancel();
      this.runtime.onError(error);
      return null;
    }
  }

  close(): void {
    if (this.restTimer !== null) clearTimeout(this.restTimer);
    this.restTimer = null;
    if (this.listener === null) return;
    const { socket, token } = this.listener;
    this.listener = null;
    this.runtime.loop.unwatch(socket);
    this.runtime.readers.delete(token);
    close(socket);
  }

  private listen(): Listener {
    return (this.listener ??= this.open());
  }

  private open(): Listener {
    const { endpoint } = this.service.plan;
    const socket = openPrivate(endpoint);
    try {
      const mark = hearMarked(socket, MARK) ? MARK : 0;
      const manner = { connectTimeout: 0, idleTimeout: 0, keepalive: endpoint.keepalive, mark, credentials: null };
      const route = routeCreate({ ...manner, targets: [socketName(socket)] });
      const token = this.runtime.nextToken();
      const listener = { socket, token, route };
      this.runtime.loop.watchReadable(socket, token);
      this.runtime.readers.set(token, () => this.startServer(listener));
      return listener;
    } catch (error) {
      close(socket);
      throw error;
    }
  }

  /** Its clients have their places already; the server takes none. */
  private startServer(listener: Listener): void {
    const { runtime, service } = this;
    const session = new ServerSession(
      runtime,
      service,
      { address: null, port: 0 },
      '',
      (outcome) => this.serverIsGone(listener, outcome),
      'beside',
    );
    session.launch(service.program as PreparedProgram, listener.socket, 'lend');
  }

  private serverIsGone(listener: Listener, outcome: 'ended' | 'failed'): void {
    if (this.listener !== listener) return;
    // Who waits is still there, and would be tried again at once and for ever.
    if (outcome === 'failed') this.rest(listener);
    else this.hear(listener);
  }

  private rest(listener: Listener): void {
    this.restTimer = setTimeout(() => this.hear(listener), REST_MS);
  }

  /** What the kernel has no room for now (ENOSPC of epoll_ctl(2)) it may have later. */
  private hear(listener: Listener): void {
    try {
      this.runtime.loop.watchReadable(listener.socket, listener.token);
    } catch (error) {
      this.runtime.onError(error);
      this.rest(listener);
    }
  }

  private tellOf(errno: number): void {
    const [code, text] = describeErrno(errno);
    const message = `${this.service.plan.id}: cannot connect to its server: ${text} (${code})`;
    this.runtime.emit({ type: 'notice', at: this.runtime.now(), level: 'error', message });
  }
}

/** Of the family that its server would find otherwise; an IPv4 socket where the machine has no IPv6. */
function openPrivate({ family, nodelay, keepalive }: EndpointPlan): number {
  const spec = { type: 'stream', protocol: 0, port: 0, backlog: BACKLOG, nodelay, keepalive, device: null } as const;
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
