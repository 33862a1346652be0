import type { Route } from './relay.js';

/** Datagrams, many in one call: those that superd itself answers (`native/burst.c`), and those on their way to a target and back (`native/flow.c`). */
export interface DatagramBinding {
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
  /** A datagram socket connected to that target of a route, or else bound to any port at the target's address, which is one of ours; −errno when there cannot be one. */
  routeDatagram(route: Route, target: number, connected: boolean): number;
  /** Sends a datagram to that target; 0 or the errno. Never blocks. */
  routeSend(route: Route, target: number, fd: number, bytes: Uint8Array): number;
  /** Connects a datagram socket to whoever has sent the first datagram that waits there, which stays; false when none waits. */
  connectToSender(fd: number): boolean;
  /**
   * Sends each of `count` datagrams that were received to the descriptor in its word `to`, unless that is −1; afterwards the word is 0, or
   * −errno for one that could not be sent. Never blocks.
   */
  burstForward(bytes: Uint8Array, words: Int32Array, count: number): void;
  /**
   * Sends what waits at the descriptor `from`, 32 datagrams at most, by the descriptor `to` (−1 throws it away) to the client of whom the
   * 16 words tell, but for what others had sent before `from` was connected. Returns how many came, and their bytes in the word `length`;
   * −errno when the target is not there. Never blocks.
   */
  burstReturn(from: number, to: number, bytes: Uint8Array, client: Int32Array): number;
}

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
  forwardTo: 15,
} as const;
export const BURST_WORDS = 16;
