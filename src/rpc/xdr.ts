/** Data that RFC 4506 does not allow. */
export class XdrError extends Error {}

/** The size of every XDR item is a multiple of this (RFC 4506 §3). */
const UNIT = 4;

/** Writes XDR, RFC 4506. */
export class XdrWriter {
  private readonly parts: Buffer[] = [];

  uint(value: number): this {
    const word = Buffer.alloc(UNIT);
    word.writeUInt32BE(value);
    this.parts.push(word);
    return this;
  }

  /** A string of variable length; all strings of rpcbind are ASCII. */
  string(text: string): this {
    const bytes = Buffer.from(text, 'latin1');
    this.uint(bytes.length);
    this.parts.push(bytes, Buffer.alloc(padding(bytes.length)));
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Reads XDR, RFC 4506, and accepts only canonical data: booleans are 0 or 1, padding is zero. */
export class XdrReader {
  private at = 0;

  constructor(private readonly data: Buffer) {}

  /** @throws XdrError when the data are too short; so does every method here. */
  uint(): number {
    return this.take(UNIT).readUInt32BE();
  }

  bool(): boolean {
    const value = this.uint();
    if (value > 1) throw new XdrError(`${value} is not a boolean`);
    return value === 1;
  }

  /** @param most The longest length accepted, in bytes. */
  opaque(most: number): Buffer {
    const length = this.uint();
    if (length > most) throw new XdrError(`${length} bytes, more than the ${most} allowed`);
    const bytes = this.take(length);
    if (this.take(padding(length)).some((byte) => byte !== 0)) throw new XdrError('padding is not zero');
    return bytes;
  }

  string(most: number): string {
    return this.opaque(most).toString('latin1');
  }

  /** @throws XdrError when data are left. */
  end(): void {
    if (this.at !== this.data.length) throw new XdrError(`${this.data.length - this.at} bytes too many`);
  }

  private take(length: number): Buffer {
    if (length > this.data.length - this.at) throw new XdrError('the data end too early');
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }
}

const padding = (length: number) => (UNIT - (length % UNIT)) % UNIT;
