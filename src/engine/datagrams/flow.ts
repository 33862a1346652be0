import { type Address, parseAddress } from '../../address/address.js';
import type { DatagramView } from '../../os/burst.js';
import { routeDatagram } from '../../os/relay.js';
import { close, socketName } from '../../os/socket.js';
import { send } from '../../os/stream.js';
import type { TargetRoute, Upstream } from '../../relay/targets.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { InternalSession } from '../sessions/internal-session.js';

/** What is sent once more to the next target when the first was not there; longer ones are lost. */
const LONGEST_KEPT = 1500;

/** Of socket(2), no fault of the target: ENOMEM, ENFILE, EMFILE, ENOBUFS. */
const NO_FAULT_OF_TARGET: ReadonlySet<number> = new Set([12, 23, 24, 105]);

/** The datagrams of one sender on their way to a target and back. */
export class Flow {
  /** Connected to the target; −1 when it is over. */
  socket = -1;
  /** What `socket` is called, to know its datagrams by should they come back. */
  localName = '';
  /** When a datagram came last, either way. */
  movedAt = 0;
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
   * @param key The client and which of our addresses it asked, see `DatagramView.way`.
   * @param nativeKey The same for the native side.
   * @param onAnswer Called when something waits at the socket.
   */
  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly upstream: Upstream,
    readonly session: InternalSession,
    readonly key: string,
    readonly nativeKey: Int32Array,
    private readonly onAnswer: (passage: Flow) => void,
  ) {
    this.token = context.nextToken();
    context.readers.set(this.token, () => this.onAnswer(this));
  }

  /** Connects to the first target that can be connected to; false when there is none (left). */
  connect(): boolean {
    for (;;) {
      this.route = this.upstream.current();
      const [place] = this.route?.addresses ?? [];
      if (this.route === null || place === undefined || this.failures >= this.route.addresses.length) return false;
      const fd = this.openSocket(this.route);
      if (fd >= 0) {
        this.socket = fd;
        this.localName = this.nameOf(fd);
        return this.tryWatch();
      }
      if (NO_FAULT_OF_TARGET.has(-fd)) return false;
      this.failures++;
      this.upstream.markFailed(place, -fd);
    }
  }

  /** The target does not take datagrams: goes on to the next, with what was lost at the first. */
  failOver(errno: number): boolean {
    const place = this.route?.addresses[0];
    if (place !== undefined) this.upstream.markFailed(place, errno);
    this.failures++;
    this.answered = false;
    this.closeSocket();
    if (!this.connect()) return false;
    if (this.first !== null) send(this.socket, this.first);
    return true;
  }

  /** Whether its socket is given up for another with this datagram. */
  restartsWith(_datagram: DatagramView): boolean {
    return false;
  }

  /** @returns The socket that the datagram is to be sent by; −1 when that has been done. */
  socketFor(_datagram: DatagramView): number {
    return this.socket;
  }

  /** Whether what waits at the socket is the client's. */
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

  /** The kernel may have no room for one more (ENOSPC of epoll_ctl(2)): what nobody hears is not kept open. */
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

  /** Keeps a sender's first datagram until the target has shown that it is there, where there is another target. */
  keepFirst(bytes: Uint8Array): void {
    if (this.route !== null && this.route.addresses.length > 1 && bytes.length <= LONGEST_KEPT) this.first = new Uint8Array(bytes);
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
    const place = this.route?.addresses[0];
    if (place !== undefined) this.upstream.markWorking(place);
  }

  end(): void {
    this.closeSocket();
    this.context.readers.delete(this.token);
    this.first = null;
    this.session.end({ fromClient: this.fromClient, fromTarget: this.fromTarget });
  }

  /** There was no way for it. */
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

/** The name under which the datagrams of a socket would come to us. */
export function localName({ w0, w1, w2, w3 }: Address, port: number): string {
  return `${w0} ${w1} ${w2} ${w3} ${port}`;
}

function nameOf(socket: number): string {
  const { address, port } = socketName(socket);
  const parsed = parseAddress(address.replace(/%.*/, ''));
  return parsed === null ? '' : localName(parsed, port);
}
