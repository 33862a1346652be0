import type { EndpointPlan } from '../config/plan.js';
import { SystemError } from '../errors.js';
import type { SocketSpec } from '../os/binding.js';
import { bindingUnix, removing, runFileTask } from '../os/open-safely.js';
import { socketOpen } from '../os/socket.js';

const EAFNOSUPPORT = 97;

/** Any user may connect, as to a TCP port; the permissions of the directory can restrict that. */
const UNIX_SOCKET_MODE = 0o666;

/** Limit for removing a socket file, so that a hanging file system delays neither a reload nor the end. */
const REMOVE_MS = 500;

export interface OpenEndpoint {
  readonly fd: number;
  /** Identifies the file of a unix socket for `removeUnixSocket`; null for other sockets. */
  readonly file: string | null;
}

/**
 * Opens the listening socket of an endpoint; a dual-stack one falls back to IPv4 on a kernel without IPv6.
 *
 * @param handedOver The socket goes to a server (`wait = yes`), so it stays blocking.
 * @throws SystemError naming the step and the endpoint.
 */
export function openEndpoint(endpoint: EndpointPlan, handedOver: boolean): OpenEndpoint {
  const spec = socketSpec(endpoint, handedOver);
  if (endpoint.family === 'unix') return openUnix(spec);
  try {
    return { fd: socketOpen(spec), file: null };
  } catch (error) {
    if (endpoint.family !== 'dual' || !(error instanceof SystemError) || error.errno !== EAFNOSUPPORT) throw error;
    return { fd: socketOpen({ ...spec, family: 'inet' }), file: null };
  }
}

function socketSpec(endpoint: EndpointPlan, handedOver: boolean): SocketSpec {
  const connected = endpoint.type === 'stream' || endpoint.type === 'seqpacket';
  return {
    family: endpoint.family === 'dual' ? 'inet6' : endpoint.family,
    type: endpoint.type,
    protocol: endpoint.protocol.number,
    address: endpoint.address,
    port: endpoint.port,
    backlog: connected ? endpoint.backlog : -1,
    nonblocking: connected && !handedOver,
    reuseAddress: connected ? endpoint.port !== 0 : isMulticast(endpoint.address),
    v6only: endpoint.family === 'inet6',
    nodelay: endpoint.nodelay,
    keepalive: endpoint.keepalive,
    device: endpoint.device ?? null,
    freebind: false,
  };
}

/**
 * SO_REUSEADDR lets a listener have the port of connections that linger in TIME_WAIT. On datagram sockets it would let every local user bind the same
 * port and take its datagrams, except with a multicast address: there each socket gets a copy, and others on the machine may belong to the group.
 */
function isMulticast(address: string | null): boolean {
  return address !== null && /^(22[4-9]|23\d)\.|^ff[\da-f]{2}:/i.test(address);
}

/** unix(7). A name in the abstract namespace is in no file system; a raw socket is a datagram socket. */
function openUnix(spec: SocketSpec): OpenEndpoint {
  const path = spec.address as string;
  if (path.startsWith('@')) return { fd: socketOpen(spec), file: null };
  const { backlog, nonblocking } = spec;
  const type = spec.type === 'raw' ? 'dgram' : spec.type;
  return runFileTask(bindingUnix(path, { type, backlog, nonblocking, mode: UNIX_SOCKET_MODE }));
}

/** Removes the file of a closed unix socket. Never throws; another process's socket may have taken its place. */
export function removeUnixSocket(path: string, file: string): void {
  try {
    runFileTask(removing(path, file), REMOVE_MS);
  } catch {
    // It is gone, belongs to another process, or its directory has become read-only.
  }
}
