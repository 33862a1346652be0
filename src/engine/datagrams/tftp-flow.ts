import type { DatagramView } from '../../os/burst.js';
import { routeDatagramBeside, routeSend } from '../../os/relay.js';
import { connectToSender, dropDatagram, peekSender } from '../../os/socket.js';
import type { TargetRoute } from '../../relay/targets.js';
import { Flow } from './flow.js';

/** RFC 1350: the first two bytes of a request to read (1) or to write (2). */
const REQUESTS: ReadonlySet<number> = new Set([1, 2]);

/** Stray datagrams discarded in one turn of the event loop: a local process that sends many must not hold superd up. */
const MAX_DROPPED = 32;

/**
 * The datagrams of one client of a TFTP server (RFC 1350). The server answers a request from a new port, and the transfer goes on with that port: the flow follows the
 * first answer from the server's address until the client sends another request.
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
    for (let seen = 0; !this.inTransfer && seen < MAX_DROPPED; seen++) {
      const sender = peekSender(this.socket);
      if (sender === null) break;
      if (sender.address === this.route?.addresses[0]?.address.address) this.inTransfer = connectToSender(this.socket);
      else dropDatagram(this.socket);
    }
    return this.inTransfer;
  }

  /** A transfer has no other target: its port is closed when it is over. */
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
