/** What the kernel knows of TCP connections, sock_diag(7): `native/diag.c`. */
export interface DiagBinding {
  /** Asks for all TCP connections of a family (2 or 10), for `diagRead`; to be closed. */
  diagOpen(family: number): number;
  /**
   * The next of them, up to 32 KiB of the kernel's words at once: those whose local port has its bit in `ports`, 8192 bytes.
   * null when there are no more; an empty list when there may be.
   */
  diagRead(fd: number, ports: Uint8Array): TcpConnection[] | null;
  /** Cuts a connection of this machine's off, SOCK_DESTROY; 0 or the errno (EOPNOTSUPP, EPERM, ENOENT, ESTALE). */
  diagDestroy(local: string, localPort: number, remote: string, remotePort: number, cookieLow: number, cookieHigh: number): number;
}

/** A TCP connection as the kernel knows it. */
export interface TcpConnection {
  /** Numeric, without scope; IPv4-mapped as IPv4. */
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** <net/tcp_states.h>: 1 is ESTABLISHED. */
  readonly state: number;
  /** As in /proc/PID/fd; 0 when no process has it any more. */
  readonly inode: number;
  /** The socket and no later one; 32 bits each. */
  readonly cookieLow: number;
  readonly cookieHigh: number;
  /** Bytes that have come, and bytes the other end has confirmed. */
  readonly received: number;
  readonly sent: number;
  readonly rttMicroseconds: number;
  readonly lastReceivedMs: number;
  readonly lastSentMs: number;
}
