/** What does not have the form that RFC 4506 gives it. */
export class XdrError extends Error {}

/** Everything in XDR is a multiple of this long (RFC 4506 §3). */
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

  /** A string of variable length, which is ASCII wherever rpcbind has one. */
  string(text: string): this {
    const bytes = Buffer.from(text, 'latin1');
    this.uint(bytes.length);
    this.parts.push(bytes, Buffer.alloc(padding(bytes.length)));
    return this;
  }

  /** What has been written so far. */
  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Reads XDR, RFC 4506, and takes nothing that is not exactly as it should be. */
export class XdrReader {
  private at = 0;

  constructor(private readonly data: Buffer) {}

  /** @throws XdrError when the data end before, as every method here. */
  uint(): number {
    return this.take(UNIT).readUInt32BE();
  }

  bool(): boolean {
    const value = this.uint();
    if (value > 1) throw new XdrError(`${value} is no boolean`);
    return value === 1;
  }

  /** @param most Bytes; more is an error, however much there is. */
  opaque(most: number): Buffer {
    const length = this.uint();
    if (length > most) throw new XdrError(`${length} bytes where at most ${most} belong`);
    const bytes = this.take(length);
    if (this.take(padding(length)).some((byte) => byte !== 0)) throw new XdrError('bytes that fill up are not zero');
    return bytes;
  }

  string(most: number): string {
    return this.opaque(most).toString('latin1');
  }

  /** Nothing may be left. */
  end(): void {
    if (this.at !== this.data.length) throw new XdrError(`${this.data.length - this.at} bytes too many`);
  }

  private take(length: number): Buffer {
    if (length > this.data.length - this.at) throw new XdrError('it ends too early');
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }
}

const padding = (length: number) => (UNIT - (length % UNIT)) % UNIT;
