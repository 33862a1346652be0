import { describeEndpoint } from '../../../address/endpoint.js';
import type { EndpointPlan, ServicePlan } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { Finding } from '../finding.js';
import { holdersOf } from '../holders.js';
import type { Patient } from '../patient.js';
import { type BoundSocket, boundSockets } from '../sockets.js';

/** Ports that somebody else has. */
export function ports({ plan, daemon }: Patient): readonly Finding[] {
  if (plan === null) return [];
  const sockets = boundSockets(daemon?.pid ?? 'self');
  const clashes = plan.services.map((service) => ({ service, taken: sockets.filter((one) => clash(service.endpoint, one)) }));
  const holders = holdersOf(clashes.flatMap(({ taken }) => taken.map(({ inode }) => inode)));
  return clashes.flatMap(({ service, taken }) => {
    const held = taken.map(({ inode }) => holders.get(inode) ?? []);
    const strangers = held.filter(
      (some) => daemon === null || !some.some(({ pid, ancestors }) => pid === daemon.pid || ancestors.includes(daemon.pid)),
    );
    // Whose sockets may not be looked at could be superd's own.
    if (strangers.length === 0 || (daemon !== null && strangers.flat().length === 0)) return [];
    return [takenBy(service, strangers.flat())];
  });
}

function takenBy({ id, origin, endpoint }: ServicePlan, holders: readonly { readonly pid: number; readonly name: string }[]): Finding {
  const known = [...new Set(holders.map(({ pid, name }) => `${name} (pid ${pid})`))];
  const who = known.length > 0 ? known.join(', ') : 'a process that this user may not look at';
  return {
    severity: 'error',
    code: 'port-taken',
    place: placeOf(origin),
    problem: `${describeEndpoint(endpoint)} of ${id} is taken by ${who}`,
    remedy: 'end that process, or give the service another port or address',
  };
}

/** Whether the kernel would refuse the endpoint an address that the socket has. */
function clash(endpoint: EndpointPlan, socket: BoundSocket): boolean {
  if (endpoint.family === 'unix') return socket.kind === 'unix' && socket.address === endpoint.address;
  const kind = endpoint.type === 'stream' ? 'tcp' : 'udp';
  if (endpoint.protocol.name !== kind || socket.kind !== kind || socket.port !== endpoint.port || endpoint.port === 0) return false;
  const wanted = endpoint.address?.replace(/%.*/, '') ?? null;
  const everywhere = wanted === null || wanted === '0.0.0.0' || wanted === '::';
  const v6 = endpoint.family === 'inet6' || (endpoint.family === 'dual' && (wanted === null || wanted.includes(':')));
  // A wildcard of IPv6 takes IPv4 as well unless it says that it does not, which nobody else can see.
  if (socket.wildcard) return v6 === socket.v6 || socket.v6 || endpoint.family === 'dual';
  return everywhere ? v6 === socket.v6 || endpoint.family === 'dual' : socket.address === wanted;
}
