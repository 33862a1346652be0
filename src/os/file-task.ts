import { resolve } from 'node:path';
import { SystemError } from '../errors.js';
import { guard } from '../guarded.js';
import type { FileAnswer, FileOperation, FileProblem, FileRequest } from './binding.js';
import { callNative, native } from './native.js';

/** One operation on files, for `startFileTask`. */
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
  const onAnswer = guard((answer: FileAnswer) => onDone(answer.error === 0 ? task.read(answer) : failureOf(task, answer)));
  const number = callNative(task.request.path, ({ fileStart }) => fileStart(task.operation, task.request, onAnswer));
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
  if (problem === 'name-service') return new SystemError(syscall, error, `${where}: the name service has not answered for its owner`);
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
  'no-socket': (path) => `${path} exists and is not a socket`,
};

/** Makes a path absolute. `..` stays: behind a link it leads elsewhere than its letters say. */
export function absolute(path: string): string {
  return path.startsWith('/') ? path : resolve(path);
}
