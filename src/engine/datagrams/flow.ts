import { type Address, parseAddress } from '../../address/address.js';
import type { DatagramView } from '../../os/burst.js';
import { routeDatagram } from '../../os/relay.js';
import { close, socketName } from '../../os/socket.js';
import { send } from '../../os/stream.js';
import type { TargetRoute, Upstream } from '../../relay/targets.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { InternalSession } from '../sessions/internal-session.js';

/** The longest first datagram that superd keeps to send it again to the next target. */
const MAX_KEPT_BYTES = 1500;

/** Errors of socket(2) that say nothing about the target: ENOMEM, ENFILE, EMFILE, ENOBUFS. */
const NO_FAULT_OF_TARGET: ReadonlySet<number> = new Set([12, 23, 24, 105]);

/** The datagrams of one client that superd relays, to a target and back. */
export class Flow {
  /** Connected to the target; −1 when the flow is over. */
  socket = -1;
  /** The local address and port of `socket`, to recognize its datagrams should they come back. */
  localName = '';
  /** When the last datagram passed, either way; monotonic milliseconds. */
  activeAt = 0;
  sent = 0;
  fromClient = 0;
  fromTarget = 0;
  /** Whether the present target has answered. */
  answered = false;
  private first: Uint8Array | null = null;
  protected route: TargetRoute | null = null;
  private failures = 0;
  private readonly token: number;

  /**
   * @param key `DatagramView.flowKey`: the client, and the local address that it sends to.
   * @param nativeKey The same for `Burst.sendBack`.
   * @param onAnswer Called when the socket is readable.
   */
  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly upstream: Upstream,
    readonly session: InternalSession,
    readonly key: string,
    readonly nativeKey: Int32Array,
    private readonly onAnswer: (flow: Flow) => void,
  ) {
    this.token = context.nextToken();
    context.readers.set(this.token, () => this.onAnswer(this));
  }

  /** Connects to the first reachable target; false when there is none, or none left. */
  connect(): boolean {
    for (;;) {
      this.route = this.upstream.current();
      const [address] = this.route?.addresses ?? [];
      if (this.route === null || address === undefined || this.failures >= this.route.addresses.length) return false;
      const fd = this.openSocket(this.route);
      if (fd >= 0) {
        this.socket = fd;
        this.localName = this.nameOf(fd);
        return this.tryWatch();
      }
      if (NO_FAULT_OF_TARGET.has(-fd)) return false;
      this.failures++;
      this.upstream.markFailed(address, -fd);
    }
  }

  /** Connects to the next target and sends the first datagram again; false when no target is left. */
  failOver(errno: number): boolean {
    const address = this.route?.addresses[0];
    if (address !== undefined) this.upstream.markFailed(address, errno);
    this.failures++;
    this.answered = false;
    this.closeSocket();
    if (!this.connect()) return false;
    if (this.first !== null) send(this.socket, this.first);
    return true;
  }

  /** Whether this datagram ends the present exchange and begins another from a new socket. */
  restartsWith(_datagram: DatagramView): boolean {
    return false;
  }

  /** @returns The socket to send the datagram from; −1 when this has sent it already. */
  socketFor(_datagram: DatagramView): number {
    return this.socket;
  }

  /** Whether an answer for the client waits at the socket. */
  hasAnswer(): boolean {
    return true;
  }

  protected openSocket({ route }: TargetRoute): number {
    return routeDatagram(route, 0);
  }

  protected nameOf(socket: number): string {
    return nameOf(socket);
  }

  watch(): void {
    this.context.loop.watchReadable(this.socket, this.token);
  }

  /** The kernel may have no room for one more (ENOSPC of epoll_ctl(2)); the flow is then of no use. */
  private tryWatch(): boolean {
    try {
      this.watch();
      return true;
    } catch (error) {
      this.context.onError(error);
      this.closeSocket();
      return false;
    }
  }

  /** Where there is another target, keeps the client's first datagram until the present one has answered. */
  keepFirst(bytes: Uint8Array): void {
    if (this.route !== null && this.route.addresses.length > 1 && bytes.length <= MAX_KEPT_BYTES) this.first = new Uint8Array(bytes);
  }

  get hasFirst(): boolean {
    return this.first !== null;
  }

  /** The target has answered. */
  markAnswered(): void {
    if (this.answered) return;
    this.answered = true;
    this.first = null;
    this.failures = 0;
    const address = this.route?.addresses[0];
    if (address !== undefined) this.upstream.markWorking(address);
  }

  end(): void {
    this.closeSocket();
    this.context.readers.delete(this.token);
    this.first = null;
    this.session.end({ fromClient: this.fromClient, fromTarget: this.fromTarget });
  }

  /** Gives up a flow that never reached a target. */
  cancel(): void {
    this.closeSocket();
    this.context.readers.delete(this.token);
    this.session.cancel();
  }

  protected closeSocket(): void {
    if (this.socket !== -1) close(this.socket);
    this.socket = -1;
  }
}

/** Identifies a socket by its local address and port, as the sender of a datagram that it sent. */
export function localName({ w0, w1, w2, w3 }: Address, port: number): string {
  return `${w0} ${w1} ${w2} ${w3} ${port}`;
}

function nameOf(socket: number): string {
  const { address, port } = socketName(socket);
  const parsed = parseAddress(address.replace(/%.*/, ''));
  return parsed === null ? '' : localName(parsed, port);
}
