import type { SocketAddress, SocketSpec } from './binding.js';
import { callNative } from './native.js';

/**
 * Opens a socket: socket(2), the given options, bind(2), and listen(2) for a backlog ≥ 0. Leaves nothing open on failure.
 *
 * @returns The descriptor, close-on-exec.
 * @throws SystemError naming the step and the address.
 */
export function socketOpen(spec: SocketSpec): number {
  return callNative(describe(spec), (binding) => binding.socketOpen(spec));
}

function describe({ family, address, port }: SocketSpec): string {
  if (family === 'unix') return address ?? '';
  return `${address ?? (family === 'inet' ? '0.0.0.0' : '::')} port ${port}`;
}

/** The socket's own address, getsockname(2). */
export function socketName(fd: number): SocketAddress {
  return callNative(fd, (binding) => binding.socketName(fd));
}

/** The address at the other end, getpeername(2); null when the socket is not connected. */
export function socketPeer(fd: number): SocketAddress | null {
  return callNative(fd, (binding) => binding.socketPeer(fd));
}

/**
 * Makes a TCP listener or a UDP socket on the loopback interface accept only this SO_MARK (socket(7)), which other users cannot set.
 *
 * @returns false, and without a filter, when superd itself lacks the right to set marks (CAP_NET_ADMIN).
 */
export function acceptOnlyMarked(fd: number, mark: number): boolean {
  return callNative(fd, (binding) => binding.acceptOnlyMarked(fd, mark));
}

/** The credentials of the client of a unix socket, SO_PEERCRED of unix(7). */
export function peerCredentials(fd: number): { pid: number; uid: number; gid: number } {
  return callNative(fd, (binding) => binding.peerCredentials(fd));
}

/** The supplementary groups of the client of a unix socket, SO_PEERGROUPS of unix(7). */
export function peerGroups(fd: number): readonly number[] {
  return callNative(fd, (binding) => binding.peerGroups(fd));
}

/** The sender of the first pending datagram, which stays in the queue; null when none is pending. Never blocks. */
export function peekSender(fd: number): SocketAddress | null {
  return callNative(fd, (binding) => binding.peekSender(fd));
}

/** Connects a datagram socket to the sender of its first pending datagram, which stays in the queue; false when none is pending. */
export function connectToSender(fd: number): boolean {
  return callNative(fd, (binding) => binding.connectToSender(fd));
}

/** Discards the first pending datagram; false when none is pending. Never blocks. */
export function dropDatagram(fd: number): boolean {
  return callNative(fd, (binding) => binding.dropDatagram(fd));
}

/** Accepts the first pending connection and closes it; false when none is pending. Never blocks, and restores O_NONBLOCK. */
export function dropConnection(fd: number): boolean {
  return callNative(fd, (binding) => binding.dropConnection(fd));
}

/**
 * A unique name for the first pending datagram, or for each pending connection of a listener. When only TCP connections wait that their clients
 * have reset, drops them. Never blocks.
 *
 * @returns null when the kernel does not show them: sock_diag(7) is missing or denied, or the client of a unix connection is gone.
 */
export function waitingRequests(fd: number): readonly string[] | null {
  return callNative(fd, (binding) => binding.waitingRequests(fd));
}

/** O_NONBLOCK belongs to the open file description, so the change affects every process that shares the socket (open(2)). */
export function setNonblocking(fd: number, on: boolean): void {
  callNative(fd, (binding) => binding.setNonblocking(fd, on));
}

/** An integer option, as <sys/socket.h> numbers it on Linux; getsockopt(2). */
export function getSocketOption(fd: number, level: number, option: number): number {
  return callNative(fd, (binding) => binding.getSocketOption(fd, level, option));
}

/** An integer option, as <sys/socket.h> numbers it on Linux; setsockopt(2). */
export function setSocketOption(fd: number, level: number, option: number, value: number): void {
  callNative(fd, (binding) => binding.setSocketOption(fd, level, option, value));
}

/** How long close(2) waits for unsent data to be delivered, SO_LINGER; 0 turns it off. */
export function setLinger(fd: number, seconds: number): void {
  callNative(fd, (binding) => binding.setLinger(fd, seconds));
}

/** Closes a descriptor and stops watching it. */
export function close(fd: number): void {
  callNative(fd, (binding) => binding.close(fd));
}
