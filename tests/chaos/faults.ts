import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

/** What a system call of the addon can fail with. */
export const ERRORS = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EIO', 'ENOSPC'] as const;
export type ErrorName = (typeof ERRORS)[number];

/** `struct fault` of native/chaos/chaos.c. */
const NAME_BYTES = 64;
const ENTRY_BYTES = NAME_BYTES + 16;
const MOST_SITES = 1000;

/** A place in the source that makes a system call, which superd has reached. */
export interface Site {
  readonly index: number;
  /** `watch.c:72 accept4` */
  readonly name: string;
  readonly hits: number;
  readonly raised: number;
}

/** The path of the addon whose system calls can fail; compiled when it is not up to date. */
export function chaosAddon(): string {
  return execFileSync(process.execPath, [new URL('../../scripts/build-chaos.mjs', import.meta.url).pathname], { encoding: 'utf8' }).trim();
}

/** The table that this test and a running superd share. */
export class Faults {
  private readonly fd: number;

  constructor(readonly path: string) {
    writeFileSync(path, Buffer.alloc(MOST_SITES * ENTRY_BYTES));
    this.fd = openSync(path, 'r+');
  }

  sites(): Site[] {
    const table = Buffer.alloc(MOST_SITES * ENTRY_BYTES);
    readSync(this.fd, table, 0, table.length, 0);
    return Array.from({ length: MOST_SITES }, (_, index) => siteOf(table, index)).filter(({ name }) => name !== '');
  }

  raised(index: number): number {
    const entry = Buffer.alloc(ENTRY_BYTES);
    readSync(this.fd, entry, 0, ENTRY_BYTES, index * ENTRY_BYTES);
    return siteOf(entry, 0).raised;
  }

  /** The next calls at a site fail, so many times. */
  arm(index: number, error: ErrorName, times: number): void {
    const words = Buffer.alloc(8);
    words.writeInt32LE(constants.errno[error], 0);
    words.writeInt32LE(times, 4);
    writeSync(this.fd, words, 0, 8, index * ENTRY_BYTES + NAME_BYTES + 8);
  }

  disarm(index: number): void {
    writeSync(this.fd, Buffer.alloc(4), 0, 4, index * ENTRY_BYTES + NAME_BYTES + 12);
  }

  close(): void {
    closeSync(this.fd);
  }
}

function siteOf(table: Buffer, index: number): Site {
  const at = index * ENTRY_BYTES;
  const name = table.toString('latin1', at, at + NAME_BYTES).split('\0', 1)[0] as string;
  return { index, name, hits: table.readUInt32LE(at + NAME_BYTES), raised: table.readUInt32LE(at + NAME_BYTES + 4) };
}
