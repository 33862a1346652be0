import { ErrorReply, NoAnswer } from '../control/client.js';
import { ConfigError, describeErrno, InternalError, SystemError } from '../errors.js';

/** The exit status of superctl for an error: 1, 100, 101 or 111, as superctl(1) lists them. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof ConfigError || error instanceof SystemError || error instanceof InternalError) return error.exitCode;
  if (error instanceof ErrorReply || error instanceof NoAnswer) return error.exitCode;
  return isSystemCall(error) ? 111 : 101;
}

/** The message of an error; its stack where superd itself is wrong. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return exitStatusOf(error) === 101 && error.constructor === Error ? (error.stack ?? error.message) : error.message;
}

const isSystemCall = (error: unknown) => error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';

/** Why a file could not be used, in errno(3)'s words: `no such file or directory`. */
export function errnoText(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return errno === undefined ? message : describeErrno(-errno)[1];
}
