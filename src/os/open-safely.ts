import { resolve } from 'node:path';
import { SystemError } from '../errors.js';
import type { FileAnswer, FileOperation, FileProblem, FileRequest } from './binding.js';
import { callNative, native } from './native.js';
import { close } from './socket.js';

/**
 * Files in places that others may write to: logs, pidfiles, dumps, unix sockets.
 *
 * superd is root, and whoever owns a directory decides what the names in it lead to. So a path is walked descriptor by descriptor (openat(2),
 * O_NOFOLLOW): a symbolic link is followed only where root or superd made it and nobody else could have; below a directory that belongs to
 * another user, everything is done with that user's rights. A walk, an open and a write may take as long as the file system likes: they
 * run on threads of their own, and one that hangs holds nothing else up.
 */
export interface FileTask<T> {
  readonly operation: FileOperation;
  readonly request: FileRequest;
  readonly read: (answer: FileAnswer) => T;
  /** Releases a result that comes after `runFileTask` has given up. */
  readonly discard?: (result: T) => void;
}

/** An operation under way. */
export interface FileJob {
  /** Waits for its end, for so long at most; true when it is over and its callback has been called. */
  wait(milliseconds: number): boolean;
}

/** Patience with a file system where superd has nothing else to do meanwhile, as at its start and end. */
export const PATIENCE_MS = 2000;

const ETIMEDOUT = 110;

/**
 * superd does not touch what the kernel would let it touch: `problem` says why.
 */
export class UntrustedFile extends SystemError {
  /** @param doing What superd does not do with the file: `read` or `written`. */
  constructor(
    readonly problem: Exclude<FileProblem, 'name-service'>,
    syscall: string,
    errno: number,
    readonly path: string,
    doing: 'read' | 'written',
  ) {
    super(syscall, errno, path);
    this.message = PROBLEMS[problem](path, doing);
  }
}

/**
 * Begins a task. `onDone` gets its result, or a SystemError or UntrustedFile, in a later turn or within `wait`.
 *
 * @throws SystemError when the machine has no thread for it.
 */
export function startFileTask<T>(task: FileTask<T>, onDone: (result: T | Error) => void): FileJob {
  const number = callNative(task.request.path, ({ fileStart }) =>
    fileStart(task.operation, task.request, (answer) => onDone(answer.error === 0 ? task.read(answer) : failureOf(task, answer))),
  );
  return { wait: (milliseconds) => native().fileWait(number, milliseconds) };
}

/**
 * Carries a task out and waits for it.
 *
 * @throws SystemError (ETIMEDOUT when the file system does not answer in time), UntrustedFile.
 */
export function runFileTask<T>(task: FileTask<T>, milliseconds = PATIENCE_MS): T {
  let result: { readonly value: T | Error } | null = null;
  let isLate = false;
  const job = startFileTask(task, (value) => {
    if (!isLate) result = { value };
    else if (!(value instanceof Error)) task.discard?.(value);
  });
  job.wait(milliseconds);
  const done = result as { readonly value: T | Error } | null;
  isLate = done === null;
  if (done === null) throw new SystemError(task.operation, ETIMEDOUT, task.request.path);
  if (done.value instanceof Error) throw done.value;
  return done.value;
}

/** Rejects with a SystemError or an UntrustedFile; waits for as long as it takes. */
export function awaitFileTask<T>(task: FileTask<T>): Promise<T> {
  return new Promise((settle, reject) => {
    startFileTask(task, (result) => (result instanceof Error ? reject(result) : settle(result)));
  });
}

function failureOf({ operation, request }: Pick<FileTask<unknown>, 'operation' | 'request'>, answer: FileAnswer): Error {
  const { error, syscall = '', where = request.path, problem, actingAs } = answer;
  if (problem === 'name-service') return new SystemError(syscall, error, `${where}: the name service did not answer who owns it`);
  const reads = operation === 'read' || operation === 'compress' || request.reading === true;
  if (problem !== undefined) return new UntrustedFile(problem, syscall, error, where, reads ? 'read' : 'written');
  return new SystemError(syscall, error, actingAs === undefined ? where : `${where} as uid ${actingAs}, who owns a directory on the way`);
}

const PROBLEMS: Readonly<Record<UntrustedFile['problem'], (path: string, doing: 'read' | 'written') => string>> = {
  link: (path) => `${path} is a symbolic link that someone else could have made; it is not followed`,
  owner: (path) => `${path} belongs to someone else in a directory that everybody can write to; it is not written`,
  names: (path, doing) => `${path} has other names, in a directory that others can write to; it is not ${doing}`,
  kind: (path, doing) =>
    doing === 'read'
      ? `${path} is not a regular file`
      : `${path} is neither a regular file nor a pipe or terminal that superd may write to`,
  changed: (path) => `${path} has become another file`,
  'in-use': (path) => `bind ${path}: address already in use (EADDRINUSE)`,
  'no-socket': (path) => `${path} is there, and is not a socket`,
};

/** A file that is open for appending. */
export interface OpenFile {
  /** Valid only for `writing`, `tailOf`, `lookingAt` and `closing`: it is a number in the table of the file threads, which no process inherits. */
  readonly fd: number;
  /** Names the file among all others, whatever its path. */
  readonly file: string;
  /** Without links. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** A regular file under a path; not a pipe or terminal, nor superd's own standard error. */
  readonly regular: boolean;
}

/** Mode and owner of a file. */
export type Ownership = Pick<OpenFile, 'mode' | 'uid' | 'gid'>;

/**
 * Opens a log for appending, and for `tailOf`; makes it where it is not there.
 *
 * `/dev/stdout` and `/dev/stderr` are superd's own descriptors 1 and 2.
 *
 * @param like Mode and owner for a new file; without it 0644, under the umask.
 */
export function openingForAppend(path: string, like: Ownership | null = null): FileTask<OpenFile> {
  const { mode, uid, gid } = like ?? { mode: 0o644, uid: -1, gid: -1 };
  return {
    operation: 'open',
    request: { path: absolute(path), follow: true, mode, uid, gid },
    read: (answer) => openFileOf(answer, path),
    discard,
  };
}

/** The same for what follows no link at the end of its path, whoever made it. */
export function openingUnlinked(path: string): FileTask<OpenFile> {
  return { operation: 'open', request: { path: absolute(path), mode: 0o644 }, read: (answer) => openFileOf(answer, path), discard };
}

/** The same for a file that has to be there. */
export function openingExisting(path: string): FileTask<OpenFile> {
  return { operation: 'open', request: { path: absolute(path), follow: true }, read: (answer) => openFileOf(answer, path), discard };
}

/** Opens an existing regular file for `tailOf`; superd needs no right to write it. */
export function openingToRead(path: string): FileTask<OpenFile> {
  const request = { path: absolute(path), follow: true, reading: true };
  return { operation: 'open', request, read: (answer) => openFileOf(answer, path), discard };
}

const discard = ({ fd }: OpenFile) => void startFileTask(closing(fd), () => {});

function openFileOf(
  { fd = -1, file = '', path, size = 0, mode = 0, uid = 0, gid = 0, regular = false }: FileAnswer,
  asked: string,
): OpenFile {
  return { fd, file, path: path ?? asked, size, mode, uid, gid, regular: regular && path !== undefined };
}

/** What a path leads to beside what has become of an open file. */
export interface Look extends Ownership {
  /** null when nothing is there. */
  readonly there: string | null;
  readonly size: number;
}

export function lookingAt(path: string, fd: number): FileTask<Look> {
  return {
    operation: 'look',
    request: { path: absolute(path), fd },
    read: ({ file, size = 0, mode = 0, uid = 0, gid = 0 }) => ({ there: file ?? null, size, mode, uid, gid }),
  };
}

/** @returns bytes written; fewer than given where there is no more room. */
export function writing(fd: number, path: string, bytes: Uint8Array): FileTask<number> {
  return { operation: 'write', request: { path, fd, bytes }, read: ({ count }) => count };
}

/** The last bytes of an open regular file. */
export interface Tail {
  readonly bytes: Uint8Array;
  readonly isWhole: boolean;
}

export function tailOf(fd: number, path: string, most: number): FileTask<Tail> {
  return {
    operation: 'tail',
    request: { path, fd, most },
    read: ({ bytes = new Uint8Array(), size = 0 }) => ({ bytes, isWhole: bytes.length >= size }),
  };
}

/** The first bytes of a regular file, with what fstat(2) says of it. */
export interface FileStart extends Ownership {
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/**
 * Reads at most `most` bytes of a regular file; null when the name does not exist.
 *
 * @param links `trusted` follows a link at the end of the path that only root or superd could have made.
 */
export function readingStart(path: string, most: number, links: 'trusted' | 'none'): FileTask<FileStart | null> {
  return {
    operation: 'read',
    request: { path: absolute(path), most, follow: links === 'trusted' },
    read: ({ file, bytes = new Uint8Array(), modifiedAt = 0, mode = 0, uid = 0, gid = 0 }) =>
      file === undefined ? null : { bytes, modifiedAt, mode, uid, gid },
  };
}

export function closing(fd: number): FileTask<void> {
  return { operation: 'close', request: { path: '', fd }, read: () => {} };
}

/**
 * Renames files in one directory, one after the other, if the path is that file still; what is not there is passed over.
 *
 * @param moves Names from and to; null removes.
 */
export function moving(
  path: string,
  file: string,
  moves: readonly (readonly [from: string, to: string | null])[],
): FileTask<Ownership & { readonly size: number }> {
  return {
    operation: 'move',
    request: { path, file, names: moves.flatMap(([from, to]) => [from, to ?? '']) },
    read: ({ mode = 0, uid = 0, gid = 0, size = 0 }) => ({ mode, uid, gid, size }),
  };
}

/** Bytes of files in the directory of `path`; 0 for what is not there. */
export function sizesOf(path: string, names: readonly string[]): FileTask<readonly number[]> {
  return { operation: 'sizes', request: { path, names }, read: ({ sizes = [] }) => sizes };
}

/** Puts a whole new file in the place of whatever is there, and follows no link. @returns what names the file. */
export function replacing(path: string, text: string, mode: number): FileTask<string> {
  const whole = absolute(path);
  const draft = `${whole.slice(whole.lastIndexOf('/') + 1)}.${process.pid}`;
  return {
    operation: 'replace',
    request: { path: whole, names: [draft], mode, bytes: Buffer.from(text) },
    read: ({ file = '' }) => file,
  };
}

/** Removes a name, if it is that file still; with a text, if it has that text. */
export function removing(path: string, file: string, text = ''): FileTask<void> {
  return { operation: 'remove', request: { path: absolute(path), file, bytes: Buffer.from(text) }, read: () => {} };
}

/** A directory as a walk has found it. */
export interface WalkedDirectory extends Ownership {
  readonly path: string;
  /**
   * The first directory on the way that others than root and superd's own user can exchange. null: a plain path of what is in it is safe, as
   * far as the mode of the directory itself goes.
   */
  readonly unstable: string | null;
}

/** Makes a directory and those it stands in, where they are missing, and tells whose it is. */
export function makingDirectory(path: string, mode: number): FileTask<WalkedDirectory> {
  return {
    operation: 'directory',
    request: { path: absolute(path), mode },
    read: ({ path: found = path, unstable = null, mode: itsMode = 0, uid = 0, gid = 0 }) => ({
      path: found,
      unstable,
      mode: itsMode,
      uid,
      gid,
    }),
  };
}

const SOCKET_TYPES = { stream: 1, dgram: 2, seqpacket: 5 } as const;

/** A bound unix socket. */
export interface BoundSocket {
  /** An ordinary descriptor of the process. */
  readonly fd: number;
  readonly file: string;
}

export interface UnixSocketSpec {
  readonly type: keyof typeof SOCKET_TYPES;
  /** < 0: no listen(2). */
  readonly backlog: number;
  readonly nonblocking: boolean;
  readonly mode: number;
}

/** Binds a unix socket; what a dead process has left in its place is removed, whatever else is there stays. */
export function bindingUnix(path: string, { type, backlog, nonblocking, mode }: UnixSocketSpec): FileTask<BoundSocket> {
  return {
    operation: 'bind',
    request: { path: absolute(path), type: SOCKET_TYPES[type], backlog, nonblocking, mode },
    read: ({ fd = -1, file = '' }) => ({ fd, file }),
    discard: ({ fd }) => close(fd),
  };
}

/** Sets the mode of a name, if it is that file still. */
export function settingMode(path: string, file: string, mode: number): FileTask<void> {
  return { operation: 'mode', request: { path: absolute(path), file, mode }, read: () => {} };
}

export interface Compression {
  /** Must be that file still, regular, and have no other name. */
  readonly path: string;
  readonly file: string;
  readonly draft: string;
  readonly target: string;
  /** Path and arguments of a program that compresses its standard input to its standard output. */
  readonly program: readonly [path: string, ...argv: string[]];
  /** Bytes that the result may have. */
  readonly most: number;
  readonly milliseconds: number;
}

/** Compresses a file beside itself, and removes it. The program runs as the owner of the directory and is given two descriptors and no path. */
export function compressing({ path, file, draft, target, program, most, milliseconds }: Compression): FileTask<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    operation: 'compress',
    request: { path, file, names: [name, draft, target, ...program], most: Math.floor(most), milliseconds },
    read: () => {},
  };
}

/** `..` stays: behind a link it leads elsewhere than its letters say. */
function absolute(path: string): string {
  return path.startsWith('/') ? path : resolve(path);
}
