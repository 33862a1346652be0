/** Sockets: `native/socket.c`, `native/peer.c`, `native/pending.c`, `native/waiting.c`, `native/mark-filter.c`. */
export interface SocketBinding {
  /** socket(2), the given options, bind(2), and listen(2) for a backlog ≥ 0. Close-on-exec; blocking unless `nonblocking`. */
  socketOpen(spec: SocketSpec): number;
  socketName(fd: number): SocketAddress;
  /** null when it is not connected. */
  socketPeer(fd: number): SocketAddress | null;
  /**
   * Makes a TCP listener or a UDP socket accept only connections or datagrams with this SO_MARK; false, and without a filter, when superd
   * lacks the right to set marks.
   */
  acceptOnlyMarked(fd: number, mark: number): boolean;
  /** SO_PEERCRED of a connected unix socket. */
  peerCredentials(fd: number): { pid: number; uid: number; gid: number };
  /** SO_PEERGROUPS of a connected unix socket: the supplementary groups of the client. */
  peerGroups(fd: number): number[];
  /** The sender of the first pending datagram, which stays in the queue; null when none is pending. Never blocks. */
  peekSender(fd: number): SocketAddress | null;
  /** Discards the first pending datagram; false when none is pending. Never blocks. */
  dropDatagram(fd: number): boolean;
  /** Accepts the first pending connection of a listener and closes it; false when none is pending. Never blocks, even on a blocking listener. */
  dropConnection(fd: number): boolean;
  /**
   * A name for the first pending datagram, or for each pending connection of a listener, which no other one ever has; null where the kernel
   * does not tell: sock_diag(7) is missing or denied, or the client of a unix connection is gone. Drops TCP connections that their clients have
   * reset where no others wait. Never blocks.
   */
  waitingRequests(fd: number): string[] | null;
  setNonblocking(fd: number, on: boolean): void;
  /** An integer option of getsockopt(2). */
  getSocketOption(fd: number, level: number, option: number): number;
  /** An integer option of setsockopt(2). */
  setSocketOption(fd: number, level: number, option: number, value: number): void;
  /** SO_LINGER in seconds; 0 turns it off. */
  setLinger(fd: number, seconds: number): void;
  close(fd: number): void;
}

export interface SocketSpec {
  readonly family: 'inet' | 'inet6' | 'unix';
  readonly type: 'stream' | 'dgram' | 'seqpacket' | 'raw';
  /** IPPROTO_*; 0 for the family's default. */
  readonly protocol: number;
  /** Numeric, with `%scope` where needed; a path (or `@name`) for unix; null is the wildcard. */
  readonly address: string | null;
  readonly port: number;
  /** Negative: no listen(2). */
  readonly backlog: number;
  readonly nonblocking: boolean;
  readonly reuseAddress: boolean;
  /** IPV6_V6ONLY; for inet6 only. */
  readonly v6only: boolean;
  readonly nodelay: boolean;
  readonly keepalive: boolean;
  /** SO_BINDTODEVICE, null for none. */
  readonly device: string | null;
  /** IP_FREEBIND / IPV6_FREEBIND. */
  readonly freebind: boolean;
}

export interface SocketAddress {
  readonly family: 'inet' | 'inet6' | 'unix';
  /** Numeric; an IPv4-mapped address is reported as inet. A unix path, `@name` when abstract, empty when unnamed. */
  readonly address: string;
  readonly port: number;
}
