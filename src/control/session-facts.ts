import type { Session } from '../engine/sessions/session.js';
import { SystemError } from '../errors.js';
import { nextTurn } from '../guarded.js';
import type { TcpConnection } from '../os/binding.js';
import { type ProcessUse, usesOf } from '../os/proc.js';
import { tcpConnectionsOf } from './session-connections.js';
import type { SessionFacts } from './shared-schemas.js';

/** Sessions read in one turn of the event loop: reading /proc takes about 20 µs a process. */
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

/** Combines what superd knows of sessions, what the kernel knows of their connections, and what /proc knows of their servers. */
export async function readSessionFacts(sessions: readonly Session[]): Promise<SessionFacts[]> {
  const connections = await connectionsIfAvailable(sessions);
  const facts: SessionFacts[] = [];
  for (let at = 0; at < sessions.length; at += BATCH) {
    if (at > 0) await nextTurn();
    const batch = sessions.slice(at, at + BATCH).filter(({ gone }) => !gone);
    const uses = usesOf(batch.map(({ pid }) => pid).filter((pid) => pid !== 0));
    for (const session of batch) facts.push(factsOf(session, connections.get(session), uses.get(session.pid)));
  }
  return facts;
}

/** Without sock_diag, as in some sandboxes, only the facts about connections are missing. */
async function connectionsIfAvailable(sessions: readonly Session[]): Promise<ReadonlyMap<Session, TcpConnection>> {
  try {
    return await tcpConnectionsOf(sessions);
  } catch (error) {
    if (error instanceof SystemError) return new Map();
    throw error;
  }
}

function factsOf(session: Session, connection: TcpConnection | undefined, use: ProcessUse | undefined): SessionFacts {
  const { id, service, peer, pid, startedAt, launched } = session;
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
