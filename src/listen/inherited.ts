import { formatAddress, parseAddress } from '../address/address.js';
import type { EndpointPlan } from '../config/plan.js';
import { getSocketOption, socketName } from '../os/socket.js';

/** The first descriptor that a service manager passes, sd_listen_fds(3). */
const FIRST = 3;

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ACCEPTCONN = 30;
const TYPES: Readonly<Record<number, EndpointPlan['type']>> = { 1: 'stream', 2: 'dgram', 3: 'raw', 5: 'seqpacket' };

/** A socket that the service manager opened and passed to superd. */
export interface InheritedSocket {
  readonly fd: number;
  /** Its name in LISTEN_FDNAMES; empty without one. */
  readonly name: string;
  readonly family: 'inet' | 'inet6' | 'unix';
  readonly type: EndpointPlan['type'];
  /** Canonical text; a path, or `@name`, for unix. */
  readonly address: string;
  readonly port: number;
}

/**
 * The sockets that the service manager passed to this process, sd_listen_fds(3). Skips descriptors that are not listening or datagram sockets.
 *
 * @example inheritedSockets({ LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'greet' }, 7) // [{ fd: 3, name: 'greet', … }]
 */
export function inheritedSockets(environment: Readonly<Record<string, string | undefined>>, pid: number): InheritedSocket[] {
  if (environment['LISTEN_PID'] !== String(pid)) return [];
  const count = /^\d{1,5}$/.test(environment['LISTEN_FDS'] ?? '') ? Number(environment['LISTEN_FDS']) : 0;
  const names = (environment['LISTEN_FDNAMES'] ?? '').split(':');
  return Array.from({ length: count }, (_, i) => describeSocket(FIRST + i, names[i] ?? '')).filter((socket) => socket !== null);
}

function describeSocket(fd: number, name: string): InheritedSocket | null {
  try {
    const type = TYPES[getSocketOption(fd, SOL_SOCKET, SO_TYPE)];
    const connected = type === 'stream' || type === 'seqpacket';
    if (type === undefined || (connected && getSocketOption(fd, SOL_SOCKET, SO_ACCEPTCONN) === 0)) return null;
    return { fd, name, type, ...socketName(fd) };
  } catch {
    return null;
  }
}

/** The socket for an endpoint: one named after the service's id, else one with the endpoint's address. */
export function findInherited(sockets: readonly InheritedSocket[], id: string, endpoint: EndpointPlan): InheritedSocket | undefined {
  const kind = sockets.filter(({ family, type }) => type === endpoint.type && (family === 'unix') === (endpoint.family === 'unix'));
  return kind.find(({ name }) => name === id) ?? kind.find((socket) => hasAddressOf(socket, endpoint));
}

function hasAddressOf({ family, address, port }: InheritedSocket, endpoint: EndpointPlan): boolean {
  if (endpoint.family === 'unix') return address === endpoint.address;
  if (port !== endpoint.port || (endpoint.family !== 'dual' && family !== endpoint.family)) return false;
  return canonical(address) === (endpoint.address === null ? (family === 'inet' ? '0.0.0.0' : '::') : canonical(endpoint.address));
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === null ? text : formatAddress(address);
}
