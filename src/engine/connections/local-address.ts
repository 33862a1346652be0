import type { Endpoint } from '../../access/index.js';
import type { SocketAddress } from '../../os/binding.js';
import { socketName } from '../../os/socket.js';

/** Our own end of a connection, asked of the kernel when a rule is about it: most are not. */
export class LocalAddress implements Endpoint {
  private known: SocketAddress | null | undefined;

  constructor(private readonly socket: number) {}

  get address(): string {
    return this.ask()?.address ?? '';
  }

  get port(): number | undefined {
    return this.ask()?.port;
  }

  private ask(): SocketAddress | null {
    if (this.known === undefined) this.known = nameOf(this.socket);
    return this.known;
  }
}

/** A client that is gone again leaves a socket without a name. */
function nameOf(socket: number): SocketAddress | null {
  try {
    const name = socketName(socket);
    return name.family === 'unix' ? null : name;
  } catch {
    return null;
  }
}
