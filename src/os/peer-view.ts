/**
 * Who is at the other end, as the native side writes it: seven words of a record, in the order of `Word.family` to `Word.scope` and of
 * `BurstWord.family` to `BurstWord.scope`.
 */
export class PeerView {
  /** Where the record starts that is looked at. */
  base = 0;

  /** @param first The number of the word that tells the family. */
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
