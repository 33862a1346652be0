import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, SystemError } from '../errors.js';
import { fileLock } from '../os/file.js';
import { Document, type StateSection } from './document.js';
import { writeAtomically, writeAtomicallySync } from './write-atomically.js';

/** What changes within this time is one write; whoever is killed meanwhile finds the document before. */
const TOGETHER_MS = 20;

/** Between two tries to write what could not be written. */
const RETRY_MS = 10_000;

/** What outlives a run: one versioned document, in sections of those who keep something. */
export interface Store {
  /** Absolute; null when nothing outlives this run. */
  readonly directory: string | null;
  /**
   * One part of the document.
   *
   * @param read Makes a value of what stands there, of anything: `undefined` when nothing does. What it throws counts as nothing.
   * @example store.section('bans', readBans).set(bans)
   */
  section<T>(name: string, read: (value: unknown) => T): StateSection<T>;
  /** Writes what is not written yet, and returns when it is; trouble is told, not thrown. */
  flush(): void;
  /** Flushes, and gives up the lock. */
  close(): void;
}

/** What goes wrong with the store, for the operator. */
export type ReportStore = (level: 'notice' | 'warning' | 'error', message: string) => void;

/**
 * Opens the state of a directory, which is made if it is not there, and locks it for this process.
 *
 * A document that cannot be understood is kept aside, told of, and an empty one begun.
 *
 * @throws ConfigError `already-running` when another process has it, `state-unsafe` when others can write there; SystemError.
 */
export function openStore(directory: string, tell: ReportStore): Store {
  makeDirectory(directory);
  const lock = takeLock(join(directory, 'lock'));
  const path = join(directory, 'state.json');
  return new FileStore(directory, path, lock, readDocument(path, tell), tell);
}

/** A store that keeps nothing beyond this run. */
export function memoryStore(): Store {
  const document = Document.empty();
  return { directory: null, section: (name, read) => document.section(name, read, () => {}), flush: () => {}, close: () => {} };
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(directory);
    const others = 0o022;
    if (uid !== process.geteuid?.() || (mode & others) !== 0)
      throw new ConfigError('state-unsafe', `the state directory ${directory} belongs to somebody else, or others may write there`);
  } catch (error) {
    throw asSystemError(error, `the state directory ${directory}`);
  }
}

function takeLock(path: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  let fd = -1;
  try {
    fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    const holder = fileLock(fd);
    if (holder !== 0)
      throw new ConfigError(
        'already-running',
        `process ${holder} runs with the state of ${path.replace(/\/lock$/, '')}; --state DIR gives this one its own`,
      );
    writeSync(fd, `${process.pid}\n`.padEnd(12), 0);
    return fd;
  } catch (error) {
    if (fd !== -1) closeSync(fd);
    throw asSystemError(error, `the lock ${path}`);
  }
}

function readDocument(path: string, tell: ReportStore): Document {
  let text: string;
  try {
    text = readRegularFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Document.empty();
    throw asSystemError(error, `the state ${path}`);
  }
  try {
    return Document.parse(text);
  } catch (error) {
    const aside = `${path}.unread`;
    renameSync(path, aside);
    tell('error', `${path}: ${(error as Error).message}; it is kept as ${aside}, and a new one begun`);
    return Document.empty();
  }
}

/** A pipe in its place would be waited for. */
function readRegularFile(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new SystemError('open', 22, path);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

class FileStore implements Store {
  private dirty = false;
  private writing = false;
  /** Of the texts that were to be written: a later one may overtake an earlier that is under way. */
  private edition = 0;
  private closed = false;
  private troubled = false;
  private retry: NodeJS.Timeout | null = null;
  private turn: NodeJS.Timeout | null = null;

  constructor(
    readonly directory: string,
    private readonly path: string,
    private readonly lock: number,
    private readonly document: Document,
    private readonly tell: ReportStore,
  ) {}

  section<T>(name: string, read: (value: unknown) => T): StateSection<T> {
    return this.document.section(name, read, () => this.changed());
  }

  flush(): void {
    if (!this.dirty && !this.writing) return;
    this.dirty = false;
    this.edition++;
    try {
      writeAtomicallySync(this.path, this.document.text());
      this.well();
    } catch (error) {
      this.failed(error);
    }
  }

  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    if (this.retry !== null) clearTimeout(this.retry);
    if (this.turn !== null) clearTimeout(this.turn);
    // Its file stays: removed, it could be locked by one who opened it before and, made anew, by another.
    closeSync(this.lock);
  }

  private changed(): void {
    this.dirty = true;
    if (this.turn === null && !this.writing && this.retry === null) this.turn = setTimeout(() => this.write(), TOGETHER_MS);
  }

  private write(): void {
    this.turn = null;
    if (!this.dirty || this.closed) return;
    this.dirty = false;
    this.writing = true;
    const edition = ++this.edition;
    const isLatest = () => edition === this.edition;
    writeAtomically(this.path, this.document.text(), isLatest, (error) => {
      this.writing = false;
      if (error === null) this.well();
      else this.failed(error);
      if (this.dirty && !this.closed) this.changed();
    });
  }

  private well(): void {
    if (this.troubled) this.tell('notice', `${this.path} can be written again`);
    this.troubled = false;
  }

  private failed(error: unknown): void {
    this.dirty = true;
    if (!this.troubled)
      this.tell('error', `${this.path} cannot be written: ${(error as Error).message}; tried again every ${RETRY_MS / 1000} s`);
    this.troubled = true;
    if (this.closed || this.retry !== null) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      if (this.dirty) this.changed();
    }, RETRY_MS);
    this.retry.unref();
  }
}

function asSystemError(error: unknown, subject: string): unknown {
  const { syscall, errno } = error as NodeJS.ErrnoException;
  if (error instanceof SystemError || error instanceof ConfigError || syscall === undefined || errno === undefined) return error;
  return new SystemError(syscall, Math.abs(errno), subject, { cause: error });
}
