import type { Session } from '../engine/sessions/session.js';
import type { TcpConnection } from '../os/binding.js';
import { tcpConnections } from '../os/connections.js';

/** Asks the kernel for the TCP connection of each session that has one (sock_diag(7)). */
export async function tcpConnectionsOf(sessions: Iterable<Session>): Promise<Map<Session, TcpConnection>> {
  const byPeer = new Map<string, Session>();
  const ports = new Set<number>();
  for (const session of sessions) {
    const { peer, service } = session;
    const { type, family } = service.plan.endpoint;
    const { port } = service.listener;
    if (peer.address === null || type !== 'stream' || family === 'unix') continue;
    ports.add(port);
    const other = peer.via ?? { ...peer, address: peer.address };
    byPeer.set(key(other.address, other.port, port), session);
  }
  const found = new Map<Session, TcpConnection>();
  if (byPeer.size === 0) return found;
  for (const connection of await tcpConnections(ports)) {
    const session = byPeer.get(key(connection.remote, connection.remotePort, connection.localPort));
    if (session !== undefined) found.set(session, connection);
  }
  return found;
}

/** The kernel reports link-local addresses without their interface. */
function key(remote: string, remotePort: number, localPort: number): string {
  return `${remote.replace(/%.*/, '')} ${remotePort} ${localPort}`;
}
