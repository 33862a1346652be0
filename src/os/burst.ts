import { BURST_WORDS, BurstWord } from './binding.js';
import { callNative, native } from './native.js';
import { PeerView } from './peer-view.js';
import { getSocketOption, setSocketOption } from './socket.js';

/** Datagrams in one burst; other services get their turn between two bursts. */
const MOST = 32;

/** The longest datagram, udp(7), has 65,507 bytes. */
const SLOT = 65_536;

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SO_DOMAIN = 39;
const AF_INET6 = 10;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IPPROTO_IPV6 = 41;
const IPV6_RECVPKTINFO = 49;

/** Room for some 1,300 small datagrams, as the kernel counts them, that arrive while superd does other work. */
const QUEUE_BYTES = 1_048_576;

/** Makes the kernel report the local address of each datagram, and gives the socket a receive queue for bursts. */
export function prepareForBursts(fd: number): void {
  setSocketOption(fd, IPPROTO_IP, IP_PKTINFO, 1);
  if (getSocketOption(fd, SOL_SOCKET, SO_DOMAIN) === AF_INET6) setSocketOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  try {
    setSocketOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, QUEUE_BYTES);
  } catch {
    // Without CAP_NET_ADMIN: as much as net.core.rmem_max allows.
    setSocketOption(fd, SOL_SOCKET, SO_RCVBUF, QUEUE_BYTES);
  }
}

/** One datagram of a burst. One object serves for all datagrams: read it before the next call of `at`. */
export interface DatagramView {
  readonly length: number;
  readonly family: 4 | 6;
  readonly port: number;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly scope: number;
  /** The index of the interface it came in by; 1 is the loopback. */
  readonly interface: number;
  /** Identifies the sender and the local address that it sent to. */
  readonly flowKey: string;
  /** Whether it came by broadcast or multicast. */
  readonly toMany: boolean;
  /** The 64 KiB slot that holds the datagram and then the answer. */
  readonly buffer: Uint8Array;
}

/** A datagram kept to be answered later. */
export interface KeptDatagram {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** Receives and answers datagrams, 32 at a time. Its 2 MiB buffer occupies only the pages that were ever written. */
export class Burst {
  private readonly bytes = Buffer.allocUnsafeSlow(MOST * SLOT);
  private readonly words = new Int32Array(MOST * BURST_WORDS).fill(-1);
  private readonly view = new BurstView(this.words, this.bytes);
  private pending = 0;

  /** Returns how many datagrams it received; 0 when none was pending. Never blocks. */
  receive(fd: number): number {
    this.pending = 0;
    return callNative(fd, (binding) => binding.burstReceive(fd, this.bytes, this.words, MOST));
  }

  at(index: number): DatagramView {
    this.view.base = index * BURST_WORDS;
    return this.view;
  }

  /** Marks the first bytes of the slot as the answer that `send` will send. */
  answer(index: number, length: number): void {
    this.words[index * BURST_WORDS + BurstWord.answer] = length;
    this.pending++;
  }

  /** Sends the answers. An answer that cannot be sent is lost, as any datagram may be. */
  send(fd: number): void {
    if (this.pending === 0) return;
    this.pending = 0;
    callNative(fd, (binding) => binding.burstAnswer(fd, this.bytes, this.words, MOST));
  }

  /** Marks the datagram to be sent through a connected socket when `forward` is called. */
  forwardTo(index: number, fd: number): void {
    this.words[index * BURST_WORDS + BurstWord.forwardTo] = fd;
  }

  /** Sends the marked datagrams; `failure` has the result of each. */
  forward(): void {
    native().burstForward(this.bytes, this.words, MOST);
  }

  /** The errno of a datagram that could not be forwarded; 0 when it was. */
  failure(index: number): number {
    return Math.abs(this.words[index * BURST_WORDS + BurstWord.forwardTo] as number);
  }

  /**
   * Sends up to 32 pending datagrams of a connected socket to a client, from the local address that the client sent to. A datagram that cannot
   * be sent is lost.
   *
   * @param to The socket that the client sent to; −1 discards the datagrams.
   * @param client The `wordsOf` a datagram of the client; the first word is set to the number of bytes.
   * @returns How many datagrams; −errno when the target is unreachable.
   */
  sendBack(from: number, to: number, client: Int32Array): number {
    return native().burstReturn(from, to, this.bytes, client);
  }

  /** A copy of the metadata of a datagram, for `sendBack`. */
  wordsOf(index: number): Int32Array {
    return this.words.slice(index * BURST_WORDS, (index + 1) * BURST_WORDS);
  }

  keep(index: number): KeptDatagram {
    const { buffer, length } = this.at(index);
    return { bytes: new Uint8Array(buffer.subarray(0, length)), words: this.wordsOf(index) };
  }

  /** Puts a kept datagram into the first slot; no burst may be in use. */
  restore({ bytes, words }: KeptDatagram): DatagramView {
    this.words.fill(-1);
    this.words.set(words);
    this.bytes.set(bytes);
    return this.at(0);
  }
}

/** The words of a flow key: port, address and scope of the sender, local address. */
const FLOW_KEY_START = BurstWord.port * 4;
const FLOW_KEY_END = BurstWord.interface * 4;

class BurstView extends PeerView implements DatagramView {
  private readonly raw: Buffer;
  constructor(
    words: Int32Array,
    private readonly bytes: Uint8Array,
  ) {
    super(words, BurstWord.family);
    this.raw = Buffer.from(words.buffer);
  }
  get length() {
    return this.word(BurstWord.length);
  }
  get family() {
    return this.word(BurstWord.family) as 4 | 6;
  }
  get interface() {
    return this.word(BurstWord.interface);
  }
  get flowKey() {
    return this.raw.toString('latin1', this.base * 4 + FLOW_KEY_START, this.base * 4 + FLOW_KEY_END);
  }
  get toMany() {
    return this.word(BurstWord.toMany) !== 0;
  }
  get buffer() {
    const start = (this.base / BURST_WORDS) * SLOT;
    return this.bytes.subarray(start, start + SLOT);
  }
}
