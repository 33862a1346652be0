import { BURST_WORDS, BurstWord } from './binding.js';
import { native, systemError } from './native.js';
import { PeerView } from './peer-view.js';
import { getSocketOption, setSocketOption } from './socket.js';

/** Datagrams taken in one go; whoever else is waiting comes to his turn between two. */
const MOST = 32;

/** The longest there is, udp(7), has 65,507 bytes. */
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

/** Some 1,300 small datagrams in the kernel's accounts: what comes while superd does something else. */
const QUEUE_BYTES = 1_048_576;

/** Has the kernel say to which address each datagram came, and keep a queue that a burst fits into. */
export function prepareForBursts(fd: number): void {
  setSocketOption(fd, IPPROTO_IP, IP_PKTINFO, 1);
  if (getSocketOption(fd, SOL_SOCKET, SO_DOMAIN) === AF_INET6) setSocketOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  try {
    setSocketOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, QUEUE_BYTES);
  } catch {
    // Without the right to it as much as net.core.rmem_max lets have.
    setSocketOption(fd, SOL_SOCKET, SO_RCVBUF, QUEUE_BYTES);
  }
}

/** One datagram of a burst. One object serves for all: what is wanted of it has to be read before the next. */
export interface DatagramView {
  readonly length: number;
  readonly family: 4 | 6;
  readonly port: number;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly scope: number;
  /** The interface it came in by; 1 is the loopback. */
  readonly interface: number;
  /** Tells its sender, and the address of ours that was asked, from all others. */
  readonly flowKey: string;
  /** It came by broadcast or multicast. */
  readonly toMany: boolean;
  /** What came, and room for the answer: 64 KiB. */
  readonly room: Uint8Array;
}

/** A datagram that is answered later. */
export interface KeptDatagram {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** Datagrams as they are received and answered, 32 at a time. Of its 2 MiB the machine gives what is ever written to. */
export class Burst {
  private readonly bytes = Buffer.allocUnsafeSlow(MOST * SLOT);
  private readonly words = new Int32Array(MOST * BURST_WORDS).fill(-1);
  private readonly view = new BurstView(this.words, this.bytes);
  private pending = 0;

  /** How many came; 0 when none waited. Never blocks. */
  receive(fd: number): number {
    this.pending = 0;
    return rethrowing(fd, () => native().burstReceive(fd, this.bytes, this.words, MOST));
  }

  at(index: number): DatagramView {
    this.view.base = index * BURST_WORDS;
    return this.view;
  }

  /** Has the datagram answered with the first bytes of its room, when `send` is called. */
  answer(index: number, length: number): void {
    this.words[index * BURST_WORDS + BurstWord.answer] = length;
    this.pending++;
  }

  /** Sends what is ready. What cannot be sent is lost, as datagrams may be. */
  send(fd: number): void {
    if (this.pending === 0) return;
    this.pending = 0;
    rethrowing(fd, () => native().burstAnswer(fd, this.bytes, this.words, MOST));
  }

  /** Has the datagram sent by a connected socket, when `pass` is called. */
  forwardTo(index: number, fd: number): void {
    this.words[index * BURST_WORDS + BurstWord.forwardTo] = fd;
  }

  /** Sends what is to be passed on; `failure` tells of each then. */
  forward(): void {
    native().burstForward(this.bytes, this.words, MOST);
  }

  /** The errno of a datagram that could not be passed on; 0 when it could. */
  failure(index: number): number {
    return Math.abs(this.words[index * BURST_WORDS + BurstWord.forwardTo] as number);
  }

  /**
   * Passes what waits at a connected socket to a client, 32 datagrams at most, from the address that he asked. What cannot be sent is lost.
   *
   * @param to Where he asked; −1 throws it away.
   * @param client What `wordsOf` says of him; the number of bytes stands in the first afterwards.
   * @returns How many; −errno when the other end is not there.
   */
  sendBack(from: number, to: number, client: Int32Array): number {
    return native().burstReturn(from, to, this.bytes, client);
  }

  /** What the native side knows of a datagram, for `return`. */
  wordsOf(index: number): Int32Array {
    return this.words.slice(index * BURST_WORDS, (index + 1) * BURST_WORDS);
  }

  keep(index: number): KeptDatagram {
    const { room, length } = this.at(index);
    return { bytes: new Uint8Array(room.subarray(0, length)), words: this.wordsOf(index) };
  }

  /** Puts a datagram that was kept in the place of the first one; there must be no burst at work. */
  restore({ bytes, words }: KeptDatagram): DatagramView {
    this.words.fill(-1);
    this.words.set(words);
    this.bytes.set(bytes);
    return this.at(0);
  }
}

/** The words that a way is made of: port, address and scope of the sender, our address. */
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
  get room() {
    const start = (this.base / BURST_WORDS) * SLOT;
    return this.bytes.subarray(start, start + SLOT);
  }
}

function rethrowing<T>(fd: number, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw systemError(error, `of descriptor ${fd}`);
  }
}
