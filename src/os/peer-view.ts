/**
 * Reads the peer of a connection or datagram from the seven words that the addon writes: `Word.family` to `Word.scope` of a record, or
 * `BurstWord.family` to `BurstWord.scope` of a datagram.
 */
export class PeerView {
  /** The first word of the present record. */
  base = 0;

  /** @param first The word number of the family. */
  constructor(
    protected readonly words: Int32Array,
    private readonly first: number,
  ) {}

  get port(): number {
    return this.word(this.first + 1);
  }

  /** The address, most significant word first, IPv4 as ::ffff:a.b.c.d; all zero for a unix socket. */
  get w0(): number {
    return this.word(this.first + 2) >>> 0;
  }
  get w1(): number {
    return this.word(this.first + 3) >>> 0;
  }
  get w2(): number {
    return this.word(this.first + 4) >>> 0;
  }
  get w3(): number {
    return this.word(this.first + 5) >>> 0;
  }

  /** The interface of a link-local address, else 0. */
  get scope(): number {
    return this.word(this.first + 6) >>> 0;
  }

  protected word(number: number): number {
    return this.words[this.base + number] as number;
  }
}
