import type { Endpoint } from '../../access/index.js';
import type { SocketAddress } from '../../os/binding.js';
import { socketName } from '../../os/socket.js';

/** The local address of a connection. superd asks the kernel only when a rule needs it, and few rules do. */
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

/** The kernel has no name for a socket whose client has gone. */
function nameOf(socket: number): SocketAddress | null {
  try {
    const name = socketName(socket);
    return name.family === 'unix' ? null : name;
  } catch {
    return null;
  }
}
