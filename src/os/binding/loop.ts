/** The epoll set, polled from libuv's loop, and its batches: `native/loop.c`, `native/watch.c`. */
export interface LoopBinding {
  /**
   * Starts the loop. `records` has room for `RECORD_COUNT` records of `RECORD_WORDS` 32-bit words; the addon fills the first `count` before
   * it calls `onBatch(count)`. When that returns, the addon closes every accepted descriptor whose `verdict` word is not `TAKEN`, also if
   * the call throws; the exception goes on as uncaught. A descriptor passed to `close`, or to `spawn` with `closeAfter`, during the batch
   * counts as taken.
   */
  loopOpen(records: Int32Array, spawnThreads: number, onBatch: (count: number) => void): void;
  /** Stops the loop; watched descriptors stay open. */
  loopClose(): void;
  /** Whether the loop keeps the process alive; true at first. */
  loopRef(on: boolean): void;
  /**
   * Accepts from a listener, for fairness up to 16 connections a batch. The listener becomes non-blocking; the accepted sockets are blocking
   * and close-on-exec. Errors of a single connection are skipped; an error of the listener is an `acceptFailed` record. So is a shortage
   * of descriptors (EMFILE), before it accepts: a client that takes three must leave `keepFree`.
   */
  watchAccept(fd: number, token: number, keepFree: number): void;
  /** How many descriptors this process may still open, less one for each start under way. */
  descriptorsFree(): number;
  /** Reports once that a descriptor is readable, without reading it; call it again for the next report. */
  watchReadable(fd: number, token: number): void;
  /** The same for writable, also as a `readable` record. A descriptor is watched for one of the two at a time. */
  watchWritable(fd: number, token: number): void;
  /** Also turns `readable` records of the descriptor in the present batch into kind 0; records of accepted connections stay. */
  unwatch(fd: number): void;
}

/** Records in a batch, and 32-bit words in a record. */
export const RECORD_COUNT = 256;
export const RECORD_WORDS = 16;

/** Word 0 of a record. Word 1 is always the token. */
export const RecordKind = {
  accepted: 1,
  acceptFailed: 2,
  readable: 3,
  spawned: 4,
  spawnFailed: 5,
  exited: 6,
  relayEnded: 7,
  relayFailed: 8,
} as const;

/**
 * Word numbers in a record, by kind.
 * accepted: fd, family (4, 6, or 1 for unix), port, a0–a3 (host order, most significant first, IPv4 as ::ffff:0:0/96), scope, verdict (in: 0).
 * acceptFailed: fd, errno. readable: fd. spawned: pid, microseconds from `spawn` to execve(2). spawnFailed: step (a SpawnStep), errno.
 * exited: pid, code (CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0 when other code reaped the child), status, user and system microseconds
 *   (low, high), maximum RSS in KiB.
 * relayEnded: reason (a RelayEnd), errno, target (number of the target that accepted, −1 for none), side (0 the client, 1 the target),
 *   bytes from the client and from the target (low, high).
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

/** The verdict that keeps an accepted descriptor open: JavaScript, or a spawn, owns it now. */
export const TAKEN = 1;
