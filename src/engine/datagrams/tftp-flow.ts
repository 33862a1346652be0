import type { DatagramView } from '../../os/burst.js';
import { routeDatagramBeside, routeSend } from '../../os/relay.js';
import { connectToSender, dropDatagram, peekSender } from '../../os/socket.js';
import type { TargetRoute } from '../../relay/targets.js';
import { Flow } from './flow.js';

/** RFC 1350: the first two bytes of a request to read (1) or to write (2). */
const REQUESTS: ReadonlySet<number> = new Set([1, 2]);

/** Datagrams of others that are thrown away in one turn: whoever on this machine sends them must not keep superd from everything else. */
const MOST_DROPPED = 32;

/**
 * The datagrams of one client of a TFTP server (RFC 1350). The server answers a request from another port, and whoever asks goes on with that one: the first to answer
 * from the server's address is who all that follows goes to, until there is another request.
 */
export class TftpFlow extends Flow {
  /** Whether the socket is connected to the port of a transfer. */
  private inTransfer = false;

  override restartsWith(datagram: DatagramView): boolean {
    return this.inTransfer && isRequest(datagram);
  }

  override socketFor(datagram: DatagramView): number {
    const { buffer, length } = datagram;
    if (this.restartsWith(datagram)) this.closeSocket();
    if (this.socket === -1 && !this.connect()) return -1;
    if (this.inTransfer) return this.socket;
    routeSend((this.route as TargetRoute).route, 0, this.socket, buffer.subarray(0, length));
    return -1;
  }

  override hasAnswer(): boolean {
    for (let seen = 0; !this.inTransfer && seen < MOST_DROPPED; seen++) {
      const sender = peekSender(this.socket);
      if (sender === null) break;
      if (sender.address === this.route?.addresses[0]?.address.address) this.inTransfer = connectToSender(this.socket);
      else dropDatagram(this.socket);
    }
    return this.inTransfer;
  }

  /** The port of a transfer that is over. */
  override failOver(): boolean {
    return false;
  }

  protected override openSocket({ route }: TargetRoute): number {
    this.inTransfer = false;
    return routeDatagramBeside(route, 0);
  }

  protected override nameOf(): string {
    return '';
  }
}

function isRequest({ buffer, length }: DatagramView): boolean {
  return length >= 4 && buffer[0] === 0 && REQUESTS.has(buffer[1] as number);
}
