import { XdrError } from './xdr.js';

/** RFC 5531 §11: the first bit says that a fragment is the last of its record, the others how long it is. */
const LAST = 0x80000000;
const HEADER_BYTES = 4;

/** A list of ten thousand registrations has a quarter of it. */
const LONGEST_RECORD = 4 * 1024 * 1024;

/** What a fragment counts at least: endless tiny ones are no way around the limit, nor to keep superd busy. */
const LEAST_COUNTED = 1024;

/** A message as one record on a stream. */
export function encodeRecord(message: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE((LAST | message.length) >>> 0);
  return Buffer.concat([header, message]);
}

/** Puts records together again from what a stream brings, in pieces of any size. */
export class RecordReader {
  private fragments: Buffer[] = [];
  private length = 0;
  private pending: Buffer[] = [];
  private have = 0;
  /** Of the fragment that is being received; null while its header is. */
  private header: { readonly last: boolean; readonly length: number } | null = null;

  /** @param record Called with each record when it is whole. */
  constructor(private readonly record: (message: Buffer) => void) {}

  /** @throws XdrError when a record is longer than anything that rpcbind has to say. */
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

  /** Joins what has come only when there is enough of it: joined for each piece, a long record would cost its square. */
  private take(length: number): Buffer {
    const all = this.pending.length === 1 ? (this.pending[0] as Buffer) : Buffer.concat(this.pending);
    this.pending = [all.subarray(length)];
    this.have -= length;
    return all.subarray(0, length);
  }
}
