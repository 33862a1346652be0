import { chmodSync, lstatSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import type { EndpointPlan } from '../config/plan.js';
import { SystemError } from '../errors.js';
import type { SocketSpec } from '../os/binding.js';
import { socketOpen } from '../os/socket.js';

const EAFNOSUPPORT = 97;
const EADDRINUSE = 98;

/** Anyone may connect, as to a TCP port; who may reach the directory decides the rest. */
const UNIX_SOCKET_MODE = 0o666;

/**
 * Opens the listening socket of an endpoint; a dual-stack one falls back to IPv4 on a kernel without IPv6.
 *
 * @param handedOver The socket goes to a server (`wait = yes`), so it stays blocking.
 * @returns The descriptor.
 * @throws SystemError naming the step and the endpoint.
 */
export function openEndpoint(endpoint: EndpointPlan, handedOver: boolean): number {
  const spec = socketSpec(endpoint, handedOver);
  if (endpoint.family === 'unix') return openUnix(spec);
  try {
    return socketOpen(spec);
  } catch (error) {
    if (endpoint.family !== 'dual' || !(error instanceof SystemError) || error.errno !== EAFNOSUPPORT) throw error;
    return socketOpen({ ...spec, family: 'inet' });
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
    reuseAddress: true,
    v6only: endpoint.family === 'inet6',
    nodelay: endpoint.nodelay,
    keepalive: endpoint.keepalive,
    device: null,
    freebind: false,
  };
}

function openUnix(spec: SocketSpec): number {
  const path = spec.address as string;
  const abstract = path.startsWith('@');
  const open = () => {
    const fd = socketOpen(spec);
    if (!abstract) chmodSync(path, UNIX_SOCKET_MODE);
    return fd;
  };
  try {
    return open();
  } catch (error) {
    if (abstract || !(error instanceof SystemError) || error.errno !== EADDRINUSE || !isLeftOver(path)) throw error;
    unlinkSync(path);
    return open();
  }
}

/** Removes what a unix socket leaves in the file system; its path may be gone already. */
export function removeEndpoint({ family, address }: EndpointPlan): void {
  if (family !== 'unix' || address === null || address.startsWith('@')) return;
  rmSync(address, { force: true });
}

/** A socket file that no socket of the machine is bound to any more: whoever made it died without removing it. */
function isLeftOver(path: string): boolean {
  if (!lstatSync(path).isSocket()) return false;
  return !readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => line.endsWith(` ${path}`));
}

/**
 * An endpoint in words, for tables and messages.
 *
 * @example describeEndpoint(endpoint) // 'tcp 127.0.0.1:7000', 'udp *:69', 'tcp [::1]:7000', 'unix /run/x.sock'
 */
export function describeEndpoint({ family, protocol, address, port }: EndpointPlan): string {
  if (family === 'unix') return `unix ${address}`;
  const host = address === null ? '*' : address.includes(':') ? `[${address}]` : address;
  return `${protocol.name} ${host}:${port}`;
}
