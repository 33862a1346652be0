import type { EndpointPlan } from '../config/plan.js';
import { close, setNonblocking } from '../os/socket.js';
import { findInherited, type InheritedSocket } from './inherited.js';
import { openEndpoint, removeUnixSocket } from './open.js';

/** A request for a listening socket. */
export interface SocketRequest {
  readonly id: string;
  readonly endpoint: EndpointPlan;
  /** The socket goes to a server (`wait = yes`). */
  readonly wait: boolean;
}

/**
 * The listening sockets: those that superd opens, and those that the service manager passed. superd prefers the latter, and never closes them,
 * because the service manager goes on listening on them.
 */
export class Sockets {
  private readonly used = new Set<number>();
  /** The identity of the file of each unix socket, by path. */
  private readonly files = new Map<string, string>();

  constructor(private readonly inherited: readonly InheritedSocket[]) {}

  /** Sockets of the service manager that no service uses. */
  get unused(): readonly InheritedSocket[] {
    return this.inherited.filter(({ fd }) => !this.used.has(fd));
  }

  /** @throws SystemError naming the step and the endpoint. */
  open({ id, endpoint, wait }: SocketRequest): number {
    const passed = findInherited(this.unused, id, endpoint);
    if (passed === undefined) {
      const { fd, file } = openEndpoint(endpoint, wait);
      if (file !== null) this.files.set(endpoint.address as string, file);
      return fd;
    }
    this.used.add(passed.fd);
    this.prepare(passed.fd, wait);
    return passed.fd;
  }

  /** Prepares a socket for a service with the other value of `wait`. */
  prepare(fd: number, wait: boolean): void {
    setNonblocking(fd, !wait);
  }

  isInherited(fd: number): boolean {
    return this.inherited.some((socket) => socket.fd === fd);
  }

  close(fd: number): void {
    if (this.isInherited(fd)) this.used.delete(fd);
    else close(fd);
  }

  /** Removes the file of a closed unix socket, unless the service manager opened it. */
  remove({ address }: EndpointPlan): void {
    const file = this.files.get(address ?? '');
    if (file === undefined) return;
    this.files.delete(address as string);
    removeUnixSocket(address as string, file);
  }
}
