import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, SystemError } from '../errors.js';
import { runLater } from '../guarded.js';
import { fileLock } from '../os/file.js';
import { makingDirectory, runFileTask } from '../os/open-safely.js';
import { Document, type StateSection } from './document.js';
import { writeAtomically, writeAtomicallySync } from './write-atomically.js';

/** Changes within this time are one write; a crash within it loses them. */
const BATCH_MS = 20;

/** Wait before the next attempt after a failed write. */
const RETRY_MS = 10_000;

/** The state that outlives a run: one versioned document, with a section for each module that keeps something. */
export interface Store {
  /** Absolute; null when the state ends with this run. */
  readonly directory: string | null;
  /**
   * One part of the document.
   *
   * @param read Turns the stored JSON value, which may be anything, into a value. Gets `undefined` when the section is missing, and
   *   again when it threw for the stored value.
   * @example store.section('bans', readBans).set(bans)
   */
  section<T>(name: string, read: (value: unknown) => T): StateSection<T>;
  /** Writes pending changes before it returns. Failures are reported, not thrown. */
  flush(): void;
  /** Flushes, and releases the lock. */
  close(): void;
}

/** Reports problems of the store to the operator. */
export type ReportStore = (level: 'notice' | 'warning' | 'error', message: string) => void;

/**
 * Opens the state in a directory, which it creates if needed, and locks it for this process.
 *
 * A document that cannot be parsed is renamed and reported, and the store starts empty.
 *
 * @throws ConfigError `already-running` when another process has the lock, `state-unsafe` when other users can write there; SystemError.
 */
export function openStore(directory: string, report: ReportStore): Store {
  makeDirectory(directory);
  const lock = takeLock(join(directory, 'lock'));
  const path = join(directory, 'state.json');
  return new FileStore(directory, path, lock, readDocument(path, report), report);
}

/** A store that ends with this run. */
export function memoryStore(): Store {
  const document = Document.empty();
  return { directory: null, section: (name, read) => document.section(name, read, () => {}), flush: () => {}, close: () => {} };
}

/**
 * As root, superd rejects a path through a directory that another user can replace: root would write elsewhere. Without root, that user
 * gains nothing.
 */
function makeDirectory(directory: string): void {
  const OTHERS_WRITE = 0o022;
  try {
    const { uid, mode, unstable } = runFileTask(makingDirectory(directory, 0o700));
    if (uid !== process.geteuid?.() || (mode & OTHERS_WRITE) !== 0)
      throw new ConfigError('state-unsafe', `the state directory ${directory} belongs to another user, or others may write there`);
    if (unstable !== null && uid === 0)
      throw new ConfigError(
        'state-unsafe',
        `the state directory ${directory} can be exchanged: others may write to a directory above ${unstable}, or own it`,
      );
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

function readDocument(path: string, report: ReportStore): Document {
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
    report('error', `${path}: ${(error as Error).message}; it is kept as ${aside}, and a new state begins`);
    return Document.empty();
  }
}

/** O_NONBLOCK: opening a named pipe would wait for its writer. */
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
  /** Number of the latest text: a write that is still running must not replace a later one. */
  private edition = 0;
  private closed = false;
  private failing = false;
  private retry: NodeJS.Timeout | null = null;
  private scheduled: NodeJS.Timeout | null = null;

  constructor(
    readonly directory: string,
    private readonly path: string,
    private readonly lock: number,
    private readonly document: Document,
    private readonly report: ReportStore,
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
      this.writeSucceeded();
    } catch (error) {
      this.writeFailed(error);
    }
  }

  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    if (this.retry !== null) clearTimeout(this.retry);
    if (this.scheduled !== null) clearTimeout(this.scheduled);
    // The lock file stays. If it were removed, one process could lock the removed file and another a new one.
    closeSync(this.lock);
  }

  private changed(): void {
    this.dirty = true;
    if (this.scheduled === null && !this.writing && this.retry === null) this.scheduled = runLater(() => this.write(), BATCH_MS);
  }

  private write(): void {
    this.scheduled = null;
    if (!this.dirty || this.closed) return;
    this.dirty = false;
    this.writing = true;
    const edition = ++this.edition;
    const isLatest = () => edition === this.edition;
    writeAtomically(this.path, this.document.text(), isLatest, (error) => {
      this.writing = false;
      if (error === null) this.writeSucceeded();
      else this.writeFailed(error);
      if (this.dirty && !this.closed) this.changed();
    });
  }

  private writeSucceeded(): void {
    if (this.failing) this.report('notice', `${this.path} can be written again`);
    this.failing = false;
  }

  private writeFailed(error: unknown): void {
    this.dirty = true;
    if (!this.failing)
      this.report('error', `${this.path} cannot be written: ${(error as Error).message}; tried again every ${RETRY_MS / 1000} s`);
    this.failing = true;
    if (this.closed || this.retry !== null) return;
    this.retry = runLater(() => {
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
