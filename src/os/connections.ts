import { nextTurn } from '../guarded.js';
import type { TcpConnection } from './binding.js';
import { callNative, native } from './native.js';
import { close } from './socket.js';

const AF_INET = 2;
const AF_INET6 = 10;

/**
 * The TCP connections of this machine with one of these local ports, sock_diag(7). The kernel walks all connections of the machine, so superd
 * returns to the event loop after each few hundred.
 *
 * @throws SystemError where sock_diag(7) is unavailable.
 */
export async function tcpConnections(ports: ReadonlySet<number>): Promise<TcpConnection[]> {
  const wanted = new Uint8Array(65536 / 8);
  for (const port of ports) wanted[port >> 3] = (wanted[port >> 3] as number) | (1 << (port & 7));
  const found: TcpConnection[] = [];
  for (const family of [AF_INET, AF_INET6]) {
    const fd = callNative('of sock_diag', (binding) => binding.diagOpen(family));
    const read = () => callNative('of sock_diag', (binding) => binding.diagRead(fd, wanted));
    try {
      for (let rows = read(); rows !== null; rows = read()) {
        for (const row of rows) found.push(row);
        await nextTurn();
      }
    } finally {
      close(fd);
    }
  }
  return found;
}

/**
 * Aborts a TCP connection at both ends. Needs CAP_NET_ADMIN and a kernel with INET_DIAG_DESTROY.
 *
 * @returns Whether the connection is closed.
 */
export function cutConnection({ local, localPort, remote, remotePort, cookieLow, cookieHigh }: TcpConnection): boolean {
  return native().diagDestroy(local, localPort, remote, remotePort, cookieLow, cookieHigh) === 0;
}
