import type { Route } from './relay.js';

/** Datagrams, many in one call: the ones that superd answers (`native/burst.c`) and the ones that it relays (`native/flow.c`). */
export interface DatagramBinding {
  /**
   * Receives up to `count` (1–64) datagrams. Datagram i fills the i-th of `count` equal parts of `bytes`, and its metadata the words from
   * 16 i on, see `BurstWord`. Returns how many there were; 0 when none is pending. Never blocks.
   */
  burstReceive(fd: number, bytes: Uint8Array, words: Int32Array, count: number): number;
  /**
   * Sends the first `answer` bytes of each part back to the sender, from the local address that the datagram came to. Skips datagrams whose
   * `answer` is −1, and sets it to −1 afterwards. Returns how many were lost. Never blocks.
   */
  burstAnswer(fd: number, bytes: Uint8Array, words: Int32Array, count: number): number;
  /** A datagram socket connected to that target of a route, or bound to any port of the target's address, which must be local; −errno on failure. */
  routeDatagram(route: Route, target: number, connected: boolean): number;
  /** Sends a datagram to that target; returns 0 or the errno. Never blocks. */
  routeSend(route: Route, target: number, fd: number, bytes: Uint8Array): number;
  /** Connects a datagram socket to the sender of its first pending datagram, which stays in the queue; false when none is pending. */
  connectToSender(fd: number): boolean;
  /**
   * Sends each of `count` received datagrams to the descriptor in its word `forwardTo` unless that is −1. Then sets the word to 0, or to −errno
   * when the datagram could not be sent. Never blocks.
   */
  burstForward(bytes: Uint8Array, words: Int32Array, count: number): void;
  /**
   * Sends up to 32 pending datagrams of the connected socket `from` through the socket `to` (−1 discards them) to the client that the 16 words
   * describe. Discards datagrams that others sent before `from` was connected. Returns how many it sent, with their bytes in the word
   * `length`; −errno when the target is unreachable. Never blocks.
   */
  burstReturn(from: number, to: number, bytes: Uint8Array, client: Int32Array): number;
}

/**
 * Word numbers of a datagram in a burst. a0–a3: the sender's address, as in a record. l0–l3: the local address that the datagram came to;
 * all zero without IP_PKTINFO or IPV6_RECVPKTINFO, and then the kernel chooses the source of an answer. `toMany`: 1 for broadcast and
 * multicast. `interface`: its index, 1 is the loopback. `answer`: −1, or the length of the answer. `forwardTo`: see `burstForward`.
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
  forwardTo: 15,
} as const;
export const BURST_WORDS = 16;
