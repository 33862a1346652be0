import type { Session } from '../engine/sessions/session.js';
import { SystemError } from '../errors.js';
import type { TcpConnection } from '../os/binding.js';
import { useOf } from '../os/proc.js';
import { connectionsOf } from './session-connections.js';
import type { SessionFacts } from './shared-schemas.js';

/** Between two turns of superd's own work: reading /proc takes some 20 µs a process. */
const BATCH = 100;

/** <net/tcp_states.h> */
const TCP_STATES: Readonly<Record<number, SessionFacts['state']>> = {
  1: 'established',
  4: 'closing',
  5: 'closing',
  8: 'half-closed',
  9: 'closing',
  11: 'closing',
};

/** Everything known of sessions: by superd, by the kernel of their connections, and by /proc of their servers. */
export async function sessionFacts(sessions: readonly Session[]): Promise<SessionFacts[]> {
  const connections = await connectionsIfTold(sessions);
  const facts: SessionFacts[] = [];
  for (const [i, session] of sessions.entries()) {
    if (i % BATCH === BATCH - 1) await new Promise(setImmediate);
    if (!session.gone) facts.push(factsOf(session, connections.get(session)));
  }
  return facts;
}

/** A kernel without sock_diag, or a sandbox that forbids it, costs the bytes and no more. */
async function connectionsIfTold(sessions: readonly Session[]): Promise<ReadonlyMap<Session, TcpConnection>> {
  try {
    return await connectionsOf(sessions);
  } catch (error) {
    if (error instanceof SystemError) return new Map();
    throw error;
  }
}

function factsOf(session: Session, connection: TcpConnection | undefined): SessionFacts {
  const { id, service, peer, pid, startedAt, launched } = session;
  const use = pid === 0 ? null : useOf(pid);
  return {
    id,
    service: service.plan.id,
    activation: service.plan.activation,
    address: peer.address,
    port: peer.port,
    since: startedAt,
    state: !launched ? 'starting' : connection === undefined ? 'running' : (TCP_STATES[connection.state] ?? 'running'),
    pid,
    received: connection?.received ?? null,
    sent: connection?.sent ?? null,
    rttMicroseconds: connection?.rttMicroseconds ?? null,
    idleMs: connection === undefined ? null : Math.min(connection.lastReceivedMs, connection.lastSentMs),
    cpuMs: use?.cpuMs ?? null,
    residentBytes: use?.residentBytes ?? null,
  };
}
