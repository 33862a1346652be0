import { chmodSync, closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import type { EndpointPlan } from '../config/plan.js';
import { SystemError } from '../errors.js';
import type { SocketSpec } from '../os/binding.js';
import { close, socketOpen } from '../os/socket.js';

const EAFNOSUPPORT = 97;
const EADDRINUSE = 98;

/** open(2); Node does not name it. The same number on every architecture that Node runs on. */
const O_PATH = 0o10000000;

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
    // With it the kernel may choose the port of another datagram socket that has it as well.
    reuseAddress: endpoint.port !== 0,
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
    try {
      if (!abstract) letEverybodyIn(path);
      return fd;
    } catch (error) {
      close(fd);
      throw error;
    }
  };
  try {
    return open();
  } catch (error) {
    if (abstract || !(error instanceof SystemError) || error.errno !== EADDRINUSE || !isLeftOver(path)) throw error;
    unlinkSync(path);
    return open();
  }
}

/**
 * Sets the mode of the socket that was just bound, and of nothing else: in a directory that others write to, something of theirs,
 * a link to /etc/shadow perhaps, may have taken its place.
 */
function letEverybodyIn(path: string): void {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(fd);
    if (!stats.isSocket() || stats.uid !== process.geteuid?.() || stats.nlink !== 1)
      throw new Error(`${path}: something else has taken the place of the socket`);
    // fchmod(2) takes no such descriptor, fchmodat2(2) is younger than the kernels superd runs on.
    chmodSync(`/proc/self/fd/${fd}`, UNIX_SOCKET_MODE);
  } finally {
    closeSync(fd);
  }
}

/** Removes what a unix socket leaves in the file system. Never throws: what stands there may be another's by now. */
export function removeEndpoint({ family, address }: EndpointPlan): void {
  if (family !== 'unix' || address === null || address.startsWith('@')) return;
  try {
    if (lstatSync(address).isSocket()) unlinkSync(address);
  } catch {
    // Gone already, or in a place that has become read-only.
  }
}

/** A socket file that no socket of the machine is bound to any more: whoever made it died without removing it. */
function isLeftOver(path: string): boolean {
  if (!lstatSync(path).isSocket()) return false;
  return !readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => line.endsWith(` ${path}`));
}
