/** The TCP connections of the kernel, sock_diag(7): `native/diag.c`. */
export interface DiagBinding {
  /** Requests all TCP connections of a family (2 or 10); returns a descriptor for `diagRead`, which the caller closes. */
  diagOpen(family: number): number;
  /**
   * The next connections, up to 32 KiB of netlink data at once, filtered by local port: `ports` is a bit set of 8192 bytes. null at the end;
   * an empty list means that more may follow.
   */
  diagRead(fd: number, ports: Uint8Array): TcpConnection[] | null;
  /** Closes a local connection, SOCK_DESTROY; returns 0 or the errno (EOPNOTSUPP, EPERM, ENOENT, ESTALE). */
  diagDestroy(local: string, localPort: number, remote: string, remotePort: number, cookieLow: number, cookieHigh: number): number;
}

/** A TCP connection of the kernel. */
export interface TcpConnection {
  /** Numeric, without scope; IPv4-mapped as IPv4. */
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** <net/tcp_states.h>: 1 is ESTABLISHED. */
  readonly state: number;
  /** As in /proc/PID/fd; 0 when no process has the socket open. */
  readonly inode: number;
  /** Identify this socket and no later one; 32 bits each. */
  readonly cookieLow: number;
  readonly cookieHigh: number;
  /** Bytes received, and bytes sent and acknowledged. */
  readonly received: number;
  readonly sent: number;
  readonly rttMicroseconds: number;
  readonly lastReceivedMs: number;
  readonly lastSentMs: number;
}
