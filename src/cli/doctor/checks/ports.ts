import { describeEndpoint } from '../../../address/endpoint.js';
import type { EndpointPlan, ServicePlan } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';
import { type Holder, holdersOf } from '../holders.js';
import { type LocalSocket, localSockets } from '../sockets.js';

/** Ports that another program occupies. */
export function ports({ plan, daemon }: CheckContext): readonly Finding[] {
  if (plan === null) return [];
  const sockets = localSockets(daemon?.pid ?? 'self');
  const occupied = plan.services.map((service) => ({ service, by: sockets.filter((one) => conflicts(service.endpoint, one)) }));
  const holders = holdersOf(occupied.flatMap(({ by }) => by.map(({ inode }) => inode)));
  return occupied.flatMap(({ service, by }) => {
    const others = by
      .map(({ inode }) => holders.get(inode) ?? [])
      .filter((some) => daemon === null || !some.some(({ pid, ancestors }) => pid === daemon.pid || ancestors.includes(daemon.pid)));
    // A socket whose holder is hidden from this user may be superd's own.
    if (others.length === 0 || (daemon !== null && others.flat().length === 0)) return [];
    return [takenBy(service, others.flat())];
  });
}

function takenBy({ id, origin, endpoint }: ServicePlan, holders: readonly Holder[]): Finding {
  const known = [...new Set(holders.map(({ pid, name }) => `${name} (pid ${pid})`))];
  const holder = known.length > 0 ? known.join(', ') : 'a process that is hidden from this user';
  return {
    severity: 'error',
    code: 'port-taken',
    place: placeOf(origin),
    problem: `${describeEndpoint(endpoint)} of ${id} is taken by ${holder}`,
    remedy: 'stop that process, or give the service another port or address',
  };
}

/** Whether the kernel would refuse to bind the endpoint because of the socket. */
function conflicts(endpoint: EndpointPlan, socket: LocalSocket): boolean {
  if (endpoint.family === 'unix') return socket.kind === 'unix' && socket.address === endpoint.address;
  const kind = endpoint.type === 'stream' ? 'tcp' : 'udp';
  if (endpoint.protocol.name !== kind || socket.kind !== kind || socket.port !== endpoint.port || endpoint.port === 0) return false;
  const wanted = endpoint.address?.replace(/%.*/, '') ?? null;
  const isWildcard = wanted === null || wanted === '0.0.0.0' || wanted === '::';
  const v6 = endpoint.family === 'inet6' || (endpoint.family === 'dual' && (wanted === null || wanted.includes(':')));
  // An IPv6 wildcard socket takes IPv4 as well, unless it is IPV6_V6ONLY, which other processes cannot see.
  if (socket.wildcard) return v6 === socket.v6 || socket.v6 || endpoint.family === 'dual';
  return isWildcard ? v6 === socket.v6 || endpoint.family === 'dual' : socket.address === wanted;
}
