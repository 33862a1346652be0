/**
 * The whole contract with `native/`. System calls in; numbers out, or a thrown `NativeError`. No policy on that side.
 *
 * Everything asynchronous (connections, readable sockets, started and ended processes) arrives through one callback, a
 * batch at a time, as fixed-size records in one shared buffer: see `loopOpen`.
 */
export interface Binding {
  /* loop.c: one epoll set, polled from libuv's loop, and the batches that come out of it */

  /**
   * Starts the native side. `records` holds `RECORD_COUNT` records of `RECORD_WORDS` 32-bit words; before each call of
   * `onBatch(count)` the first `count` are filled. When it returns, every accepted descriptor whose `verdict` word is not
   * `TAKEN` is closed, also if it throws; the exception goes on as uncaught. A descriptor given to `close`, or to `spawn` with
   * `closeAfter`, during the batch counts as taken.
   */
  loopOpen(records: Int32Array, spawnThreads: number, onBatch: (count: number) => void): void;
  /** Stops everything; descriptors that were watched stay open. */
  loopClose(): void;
  /** Keeps the process alive while true; starts true. */
  loopRef(on: boolean): void;
  /**
   * Accepts from a listener, up to 16 a batch for fairness; the listener becomes non-blocking, the accepted sockets are blocking
   * and close-on-exec. Troubles of one connection are passed over; what the listener itself cannot do is an `acceptFailed`.
   */
  watchAccept(fd: number, token: number): void;
  /** Reports once that a descriptor is readable, without reading it; call again to hear again. */
  watchReadable(fd: number, token: number): void;
  /** The same for room to write: also a `readable` record. A descriptor is watched for one of the two at a time. */
  watchWritable(fd: number, token: number): void;
  /** `readable` records of it that the present batch still holds turn to kind 0; accepted connections are still told of. */
  unwatch(fd: number): void;

  /* socket.c */

  /** socket(2), the options asked for, bind(2), and listen(2) for a backlog ≥ 0. Close-on-exec; blocking unless `nonblocking`. */
  socketOpen(spec: SocketSpec): number;
  socketName(fd: number): SocketAddress;
  /** null when it is not connected. */
  socketPeer(fd: number): SocketAddress | null;
  /** marked.c: a listening TCP socket takes connections with this SO_MARK only; false, and it takes all, where superd may not mark its own. */
  hearMarked(fd: number, mark: number): boolean;
  /** SO_PEERCRED of a connected unix socket. */
  peerCredentials(fd: number): { pid: number; uid: number; gid: number };
  /** SO_PEERGROUPS of a connected unix socket: the supplementary groups of whoever connected. */
  peerGroups(fd: number): number[];
  /** The sender of the first waiting datagram, which stays in the queue; null when none waits. Never blocks. */
  peekSender(fd: number): SocketAddress | null;
  /** Throws the first waiting datagram away; false when none waits. Never blocks. */
  dropDatagram(fd: number): boolean;
  /** Accepts the first waiting connection of a listener and closes it; false when none waits. Never blocks, also on a blocking listener. */
  dropConnection(fd: number): boolean;
  setNonblocking(fd: number, on: boolean): void;
  /** An integer option of getsockopt(2). */
  getSocketOption(fd: number, level: number, option: number): number;
  /** An integer option of setsockopt(2). */
  setSocketOption(fd: number, level: number, option: number, value: number): void;
  /** SO_LINGER in seconds; 0 turns it off. */
  setLinger(fd: number, seconds: number): void;
  close(fd: number): void;

  /* stream.c: connections that superd itself serves. Never blocks, whatever O_NONBLOCK says; bytes moved, or −errno */

  /** recv(2); 0 at the end of what the client sends. */
  streamReceive(fd: number, room: Uint8Array): number;
  /** The same, and the bytes stay where they are. */
  streamPeek(fd: number, room: Uint8Array): number;
  /** send(2), without SIGPIPE. */
  streamSend(fd: number, bytes: Uint8Array): number;
  /** Sends what fits into the socket now, throws away what the client has sent (up to 64 KiB), and closes. */
  streamHangUp(fd: number, bytes: Uint8Array): number;
  /** The abbreviation of the local time zone at a time in seconds since the epoch: `CET`. */
  zoneName(seconds: number): string;

  /* burst.c: datagrams that superd itself answers, many in one call */

  /**
   * Receives up to `count` (1–64) datagrams: the bytes of number i stand in the i-th of `count` equal parts of `bytes`, what is known of it
   * in words 16 i and on, see `BurstWord`. Returns how many; 0 when none waits. Never blocks.
   */
  burstReceive(fd: number, bytes: Uint8Array, words: Int32Array, count: number): number;
  /**
   * Sends the first `answer` bytes of each part back to where it came from, from the address that was asked, unless `answer` is −1, which it
   * is afterwards. Returns how many were lost. Never blocks.
   */
  burstAnswer(fd: number, bytes: Uint8Array, words: Int32Array, count: number): number;

  /* pass.c: datagrams on their way to a target and back */

  /** A datagram socket connected to that target of a route; −errno when there cannot be one. */
  routeDatagram(route: Route, target: number): number;
  /**
   * Sends each of `count` datagrams that were received to the descriptor in its word `to`, unless that is −1; afterwards the word is 0, or
   * −errno for one that could not be sent. Never blocks.
   */
  burstPass(bytes: Uint8Array, words: Int32Array, count: number): void;
  /**
   * Sends what waits at the descriptor `from`, 32 datagrams at most, by the descriptor `to` (−1 throws it away) to the client of whom the
   * 16 words tell. Returns how many came, and their bytes in the word `length`; −errno when the target is not there. Never blocks.
   */
  burstReturn(from: number, to: number, bytes: Uint8Array, client: Int32Array): number;

  /* descriptor.c */

  /** pipe2(2), close-on-exec; the reading end is non-blocking. */
  pipeOpen(): [read: number, write: number];
  /** The same open file under another number, from 3 up, close-on-exec. */
  duplicate(fd: number): number;

  /* diag.c: sock_diag(7) */

  /** Asks for all TCP connections of a family (2 or 10), for `diagRead`; to be closed. */
  diagOpen(family: number): number;
  /**
   * The next of them, up to 32 KiB of the kernel's words at once: those whose local port has its bit in `ports`, 8192 bytes.
   * null when there are no more; an empty list when there may be.
   */
  diagRead(fd: number, ports: Uint8Array): TcpConnection[] | null;
  /** Cuts a connection of this machine's off, SOCK_DESTROY; 0 or the errno (EOPNOTSUPP, EPERM, ENOENT, ESTALE). */
  diagDestroy(local: string, localPort: number, remote: string, remotePort: number, cookieLow: number, cookieHigh: number): number;

  /* spawn*.c */

  /** Copies a program into native memory, once for all its starts; freed with the returned handle. */
  programCreate(spec: ProgramSpec): Program;
  /**
   * Queues a start, in order of arrival. `fds[i]` becomes descriptor i of the child; the same descriptor may stand more than
   * once, and the child has no other descriptors. With `closeAfter`, the descriptors ≥ 3 among them are closed here as soon as the child has its own, also if the start
   * fails. `environment` is added after the program's own. A `spawned` or `spawnFailed` record with `token` follows.
   */
  spawn(program: Program, fds: readonly number[], closeAfter: boolean, environment: readonly string[], token: number): void;
  /** The same with `closeAfter`, but when there was no process at all (step clone) the descriptors stay open, to be tried again with. */
  spawnConnection(program: Program, fds: readonly number[], environment: readonly string[], token: number): void;

  /* route.c, relay*.c: bytes between two sockets, on a thread of its own */

  /** Copies targets, and how they are to be reached, into native memory, once for all sessions; freed with the returned handle. */
  routeCreate(spec: RouteSpec): Route;
  /**
   * Connects to the first target of the route that takes it, in their order, and passes on what either side says until both have
   * ended. `head` goes to the target first. `client` is not ours once it has returned.
   * `relayFailed` records tell of attempts that failed, one `relayed` of the end.
   */
  relayStart(route: Route, client: number, head: Uint8Array | null, token: number): void;
  /** Ends a session before its time; its `relayed` follows. Unknown tokens are passed over. */
  relayEnd(token: number): void;
  /** Bytes taken from the client and from the target so far; null when the session is not known (any more). */
  relayTraffic(token: number): [fromClient: number, fromTarget: number] | null;

  /* process.c */

  /** Signals the process started with `token`; false when it has ended. Never hits a later process of the same pid. */
  signalToken(token: number, signal: number): boolean;
  /** Marks every open descriptor from `first` up close-on-exec, in one call of close_range(2). */
  closeOnExecFrom(first: number): void;
  clockIsSynchronized(): boolean;
  getResourceLimit(resource: number): [soft: number, hard: number];
  /** Infinity is RLIM_INFINITY. */
  setResourceLimit(resource: number, soft: number, hard: number): void;
  /**
   * Becomes another program; returns only by throwing. Signals are as a new program expects them, and descriptors 0 to 2 are
   * blocking and stay open.
   */
  execve(path: string, argv: readonly string[], environment: readonly string[]): never;
  /** PR_SET_CHILD_SUBREAPER. */
  becomeSubreaper(): void;
  /**
   * Reaps ended children that neither this addon nor libuv started, up to the first ended one that somebody else is about to
   * reap; returns pairs pid, wait status.
   */
  reapOrphans(): number[];
  /** Becomes readable when the process ends; −1 when there is none. */
  pidfdOpen(pid: number): number;
  /** false when the process has ended. */
  pidfdSignal(fd: number, signal: number): boolean;
  /** Gives back clean, file-backed pages (madvise MADV_DONTNEED); returns bytes of the mappings it asked for. */
  trimMemory(): number;

  /* file.c */

  /** Fills `stamp` (7 words: device, inode, bytes, seconds and nanoseconds of modification and of status change) with what stat(2) says; 0 or the errno. */
  fileStamp(path: string, stamp: Float64Array): number;
  /** Locks a whole file for this process, fcntl(2); 0, or the pid of who has it. */
  fileLock(fd: number): number;
  /** mkfifo(3); 0 or the errno. */
  fifoMake(path: string, mode: number): number;

  /* directory.c */

  /** An inotify(7) on a directory and the names in it; non-blocking, close-on-exec. Closed with `close`. */
  directoryWatch(path: string): number;
  /** Whether anything has happened there since the last call. Never blocks. */
  directoryHeard(fd: number): boolean;

  /* users.c, netdb.c: NSS, on a thread of the pool; answers stand in the order of the questions, null where nothing is known */

  lookUp(questions: readonly Question[]): Promise<(Answer | null)[]>;

  /* syslog.c: datagrams to unix sockets (syslog, journald, NOTIFY_SOCKET) */

  /** A non-blocking unix datagram socket. */
  datagramOpen(): number;
  /** 0, or the errno (EAGAIN when the reader does not keep up). A path that starts with `@` is abstract. Never blocks. */
  datagramSend(fd: number, path: string, data: Uint8Array): number;
  /** A non-blocking unix datagram socket of that name, which learns who sends. */
  datagramBind(path: string): number;
  /** The first waiting datagram, cut to the buffer, with its sender's credentials; null when none waits. */
  datagramReceive(fd: number, buffer: Uint8Array): { readonly pid: number; readonly uid: number; readonly length: number } | null;
}

/** What `native/` throws: errno and syscall, no prose. */
export interface NativeError extends Error {
  readonly errno: number;
  readonly syscall: string;
}

export interface SocketSpec {
  readonly family: 'inet' | 'inet6' | 'unix';
  readonly type: 'stream' | 'dgram' | 'seqpacket' | 'raw';
  /** IPPROTO_*, 0 for the family's own. */
  readonly protocol: number;
  /** Numeric, with `%scope` where needed; a path (or `@name`) for unix; null is the wildcard. */
  readonly address: string | null;
  readonly port: number;
  /** < 0: no listen(2). */
  readonly backlog: number;
  readonly nonblocking: boolean;
  readonly reuseAddress: boolean;
  /** IPV6_V6ONLY; only looked at for inet6. */
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
  /** Numeric; IPv4-mapped comes as inet. A unix path, `@name` when abstract, empty when unnamed. */
  readonly address: string;
  readonly port: number;
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

/** A prepared program; opaque. */
export type Program = { readonly __program: unique symbol };

export interface ProgramSpec {
  readonly path: string;
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  /** Adds `LISTEN_PID=<pid of the child>`, sd_listen_fds(3). */
  readonly listenPid: boolean;
  readonly directory: string;
  /** −1 leaves it. */
  readonly umask: number;
  readonly nice: number;
  /** Triples of RLIMIT number, soft, hard; Infinity is RLIM_INFINITY. */
  readonly limits: readonly number[];
  /** null leaves uid, gid and groups alone. */
  readonly credentials: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | null;
  readonly newSession: boolean;
  readonly noNewPrivileges: boolean;
}

/** Where sessions are relayed to; opaque. */
export type Route = { readonly __route: unique symbol };

export interface RouteSpec {
  /** In the order in which they are tried. Numeric addresses, paths (`@name` is abstract). */
  readonly targets: readonly SocketAddress[];
  /** Milliseconds for each attempt; 0 leaves it to the kernel. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte either way until the session is ended; 0 is never. */
  readonly idleTimeout: number;
  /** SO_KEEPALIVE towards the target. */
  readonly keepalive: boolean;
  /** SO_MARK of the connection to a target over TCP, which wants CAP_NET_ADMIN; 0 is none. */
  readonly mark: number;
  /** As whom a unix socket is connected to (SO_PEERCRED, unix(7)); null is superd itself. */
  readonly credentials: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | null;
}

export type Question =
  | readonly [kind: 'user', nameOrUid: string | number]
  | readonly [kind: 'group', nameOrGid: string | number]
  | readonly [kind: 'groups-of-user', name: string, gid: number]
  | readonly [kind: 'service', nameOrPort: string | number, protocol: string]
  | readonly [kind: 'protocol', nameOrNumber: string | number]
  | readonly [kind: 'rpc', nameOrNumber: string | number]
  | readonly [kind: 'network', name: string]
  | readonly [kind: 'addresses', host: string]
  /** Known when the host is a member. */
  | readonly [kind: 'netgroup', group: string, host: string];

export type Answer =
  | {
      readonly kind: 'user';
      readonly name: string;
      readonly uid: number;
      readonly gid: number;
      readonly directory: string;
      readonly shell: string;
    }
  | { readonly kind: 'group'; readonly name: string; readonly gid: number }
  | { readonly kind: 'groups-of-user'; readonly gids: readonly number[] }
  | { readonly kind: 'service'; readonly name: string; readonly port: number; readonly protocol: string }
  | { readonly kind: 'protocol'; readonly name: string; readonly number: number }
  | { readonly kind: 'rpc'; readonly name: string; readonly number: number }
  | { readonly kind: 'network'; readonly name: string; readonly address: string }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'netgroup'; readonly name: string };

/** Records in a batch, and 32-bit words in a record. */
export const RECORD_COUNT = 256;
export const RECORD_WORDS = 16;

/** Word 0 of a record: what it tells. Word 1 is always the token. */
export const RecordKind = {
  accepted: 1,
  acceptFailed: 2,
  readable: 3,
  spawned: 4,
  spawnFailed: 5,
  exited: 6,
  relayed: 7,
  relayFailed: 8,
} as const;

/**
 * Word numbers in a record, by kind.
 * accepted: fd, family (4, 6, or 1 for unix), port, a0–a3 (host order, most significant first, IPv4 as ::ffff:0:0/96), scope, verdict (in: 0).
 * acceptFailed: fd, errno. readable: fd. spawned: pid, microseconds from `spawn` to execve(2). spawnFailed: step (a SpawnStep), errno.
 * exited: pid, code (CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0 when somebody else reaped it), status, user and system microseconds (low, high), maximum RSS in KiB.
 * relayed: reason (a RelayEnd), errno, target (number of the one that took it, −1 when none has), side (0 the client, 1 the target), bytes from the client and from the target (low, high).
 * relayFailed: 0, errno, target.
 */
export const Word = {
  kind: 0,
  token: 1,
  fd: 2,
  family: 3,
  port: 4,
  a0: 5,
  a1: 6,
  a2: 7,
  a3: 8,
  scope: 9,
  verdict: 10,
  errno: 3,
  pid: 2,
  microseconds: 3,
  step: 2,
  code: 3,
  status: 4,
  userLow: 5,
  userHigh: 6,
  systemLow: 7,
  systemHigh: 8,
  maxRss: 9,
  reason: 2,
  target: 4,
  side: 5,
  inLow: 6,
  inHigh: 7,
  outLow: 8,
  outHigh: 9,
} as const;

/**
 * Word numbers of a datagram in a burst. a0–a3 as in a record; l0–l3 likewise, the address of ours that it came to: all zero where
 * IP_PKTINFO and IPV6_RECVPKTINFO do not say, and then the kernel chooses from where an answer comes. `toMany` is 1 for broadcast and
 * multicast. `interface`: its number, 1 is the loopback. `answer`: in −1, out the length. `to`: see `burstPass`.
 */
export const BurstWord = {
  length: 0,
  family: 1,
  port: 2,
  a0: 3,
  a1: 4,
  a2: 5,
  a3: 6,
  scope: 7,
  l0: 8,
  interface: 12,
  toMany: 13,
  answer: 14,
  to: 15,
} as const;
export const BURST_WORDS = 16;

/** The verdict that keeps an accepted descriptor open: JavaScript (or the spawn it was given to) owns it now. */
export const TAKEN = 1;

/** How a relayed session ended, as `relayed` numbers it: both sides had said all, no target took it, nothing moved for too long, `relayEnd`, or one side broke. */
export const relayEnds = ['done', 'unreachable', 'idle', 'ended', 'broken'] as const;
export type RelayEnd = (typeof relayEnds)[number];

/** The steps of a start in their order, as `spawnFailed` numbers them from 0. */
export const spawnSteps = [
  'clone',
  'signals',
  'setsid',
  'fds',
  'chdir',
  'umask',
  'setrlimit',
  'nice',
  'setgroups',
  'setgid',
  'setuid',
  'no_new_privs',
  'execve',
  'timeout',
] as const;
export type SpawnStep = (typeof spawnSteps)[number];
