import type { ServicePlan } from '../../config/plan.js';
import { dropConnection, dropDatagram, waitingRequests } from '../../os/socket.js';
import type { ExitStatus } from '../../report/event.js';
import type { ReportContext } from '../context.js';
import type { ServerEnd } from '../sessions/server-session.js';

/** superd drops a request that still waits after so many servers. */
const STARTS = 3;

/** Between two attempts to start a server that cannot be started. */
const RETRY_MS = 1000;

/** The longest time between two servers. */
const LONGEST_MS = 30_000;

/**
 * Keeps a request from starting one server after the other. The servers of a `wait = yes` service take requests from the service's socket themselves.
 * A server that ends without taking the request leaves the socket readable, so superd would start another at once, for as long as the request waits.
 */
export class UntakenRequests {
  /** The requests that waited when the last server ended; empty when superd knows of none. */
  private before: readonly string[] = [];
  /** Servers in a row that took no request. */
  private idle = 0;

  constructor(
    private readonly context: ReportContext,
    private readonly service: { readonly plan: ServicePlan },
  ) {}

  /**
   * To be called when a server of the socket has ended. Drops the first request when `STARTS` servers have left it. Never throws.
   *
   * @returns After how many milliseconds superd may start another server; 0 for at once.
   */
  serverEnded(socket: number, end: ServerEnd): number {
    if (end === 'starved') return RETRY_MS;
    const took = this.tookSomething(socket, end);
    if (took === 'something') {
      this.idle = 0;
      return 0;
    }
    const least = end === 'failed' ? RETRY_MS : 0;
    if (took === 'unknown') {
      this.idle = Math.max(this.idle, 1);
      return least;
    }
    this.idle++;
    if (this.idle < STARTS) return Math.max(least, this.pause());
    this.drop(socket, end);
    return this.pause();
  }

  /** Unknown at the first end: a request that waits now may have come while the server ran. */
  private tookSomething(socket: number, end: ExitStatus | 'failed'): 'something' | 'nothing' | 'unknown' {
    if (end === 'failed') return 'nothing';
    const now = waitingRequests(socket);
    if (now === null) return end.kind === 'exited' && end.status === 0 ? 'something' : 'nothing';
    const { before } = this;
    this.before = now;
    if (now.length === 0) return 'something';
    if (before.length === 0) return 'unknown';
    const waiting = new Set(now);
    return before.every((one) => waiting.has(one)) ? 'nothing' : 'something';
  }

  /** One second after the second server that took nothing; twice as long after each later one. */
  private pause(): number {
    return this.idle < 2 ? 0 : Math.min(LONGEST_MS, RETRY_MS * 2 ** (this.idle - 2));
  }

  private drop(socket: number, end: ExitStatus | 'failed'): void {
    const { id, endpoint } = this.service.plan;
    const isListener = endpoint.type === 'stream' || endpoint.type === 'seqpacket';
    this.before = [];
    try {
      if (!(isListener ? dropConnection(socket) : dropDatagram(socket))) return;
    } catch (error) {
      this.context.onError(error);
      return;
    }
    const [request, take] = isListener ? ['connection', 'accept the connection'] : ['datagram', 'read the datagram'];
    const problem =
      end === 'failed'
        ? `the server could not be started, ${this.idle} times`
        : `${this.idle} servers in a row ended without taking their ${request}`;
    const remedy =
      end === 'failed' ? '' : `. A server with wait = yes must ${take} from its descriptor 0: check server, server_args and wait`;
    const next = `superd has dropped the ${request} and starts the next server in ${this.pause() / 1000} s at the earliest`;
    this.context.notice('warning', `${id}: ${problem}; ${next}${remedy}`);
  }
}
