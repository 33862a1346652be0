import { XdrError } from './xdr.js';

/** RFC 5531 §11: the first bit of a fragment header marks the last fragment of a record, the others are the length. */
const LAST = 0x80000000;
const HEADER_BYTES = 4;

/** Four times the size of a list of ten thousand registrations. */
const LONGEST_RECORD = 4 * 1024 * 1024;

/** A shorter fragment counts as this many bytes, so that endless tiny fragments reach the limit too. */
const LEAST_COUNTED = 1024;

/** Frames a message as one record of a stream. */
export function encodeRecord(message: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE((LAST | message.length) >>> 0);
  return Buffer.concat([header, message]);
}

/** Reassembles records from the chunks of a stream. */
export class RecordReader {
  private fragments: Buffer[] = [];
  private length = 0;
  private pending: Buffer[] = [];
  private have = 0;
  /** The header of the present fragment; null until it is complete. */
  private header: { readonly last: boolean; readonly length: number } | null = null;

  /** @param record Called with each complete record. */
  constructor(private readonly record: (message: Buffer) => void) {}

  /** @throws XdrError when a record exceeds 4 MiB. */
  push(chunk: Buffer): void {
    this.pending.push(chunk);
    this.have += chunk.length;
    for (;;) {
      if (this.header === null) {
        if (this.have < HEADER_BYTES) return;
        this.begin(this.take(HEADER_BYTES).readUInt32BE());
      }
      const { header } = this;
      if (header === null || this.have < header.length) return;
      this.header = null;
      this.fragments.push(this.take(header.length));
      if (header.last) this.finish();
    }
  }

  private begin(word: number): void {
    const last = (word & LAST) !== 0;
    const length = word & ~LAST;
    this.length += Math.max(length, LEAST_COUNTED);
    if (this.length > LONGEST_RECORD) throw new XdrError(`more than ${LONGEST_RECORD} bytes in one answer`);
    this.header = { last, length };
  }

  private finish(): void {
    const message = Buffer.concat(this.fragments);
    this.fragments = [];
    this.length = 0;
    this.record(message);
  }

  /** Joins the chunks only when enough bytes are there: joining at every chunk would cost quadratic time on a long record. */
  private take(length: number): Buffer {
    const all = this.pending.length === 1 ? (this.pending[0] as Buffer) : Buffer.concat(this.pending);
    this.pending = [all.subarray(length)];
    this.have -= length;
    return all.subarray(0, length);
  }
}
