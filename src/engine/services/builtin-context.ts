import type { BuiltinContext, ServiceView, SessionView } from '../../builtins/context.js';
import type { Session } from '../sessions/session.js';
import type { Service } from './service.js';

/** What a socket usually has ready at once. */
const BUFFER_BYTES = 65_536;

/** What the built-in services see of the daemon. */
export function builtinContext(
  services: () => Iterable<Service>,
  now: () => number,
  exposition: BuiltinContext['exposition'],
): BuiltinContext {
  let buffer: Uint8Array | null = null;
  return {
    now,
    exposition,
    get buffer() {
      return (buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES));
    },
    *services() {
      for (const service of services()) yield viewOf(service);
    },
  };
}

/** A service as the built-in services and the state dump show it. */
export function viewOf(service: Service): ServiceView {
  const { plan, socket } = service;
  const { id, name, endpoint, program } = plan;
  return {
    id,
    name,
    protocol: endpoint.protocol.name,
    port: endpoint.port || service.listener.port,
    address: endpoint.address,
    uid: program.credentials.uid,
    descriptor: socket,
    target: null,
    *sessions() {
      for (const session of service.sessions) yield sessionView(service, session);
    },
  };
}

function sessionView({ plan, socket }: Service, { pid, startedAt, peer }: Session): SessionView {
  const remote = peer.address === null ? null : { address: peer.address, port: peer.port };
  return { pid, startedAt, descriptor: plan.wait ? socket : -1, remote };
}
