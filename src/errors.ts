import { getSystemErrorMap } from 'node:util';

/** A place in a configuration file. Lines count from 1; line 0 means the file as a whole. */
export interface Origin {
  readonly path: string;
  readonly line: number;
}

/** @example placeOf({ path: '/etc/xinetd.d/ftp', line: 7 }) // '/etc/xinetd.d/ftp:7' */
export function placeOf({ path, line }: Origin): string {
  return line === 0 ? path : `${path}:${line}`;
}

/** Mistakes of the operator that stop a command or the daemon; `docs/errors.md` explains each. */
export const configErrorCodes = [
  'config-unreadable',
  'config-rejected',
  'usage',
  'control-socket',
  'no-services',
  'already-running',
  'state-unsafe',
] as const;
export type ConfigErrorCode = (typeof configErrorCodes)[number];

/** The operator wrote something superd cannot use, at a place it can name. `code` is for programs; the message is for people. */
export class ConfigError extends Error {
  readonly exitCode = 100;
  constructor(
    readonly code: ConfigErrorCode,
    problem: string,
    readonly origin: Origin | null = null,
    options?: ErrorOptions,
  ) {
    super(origin === null ? problem : `${placeOf(origin)}: ${problem}`, options);
  }
}

/**
 * A system call failed; `syscall` names it, `code` and `errno` give the reason as in errno(3).
 *
 * @param errno The positive number of the kernel.
 * @param subject The object of the call, for people: an address, a path; empty when there is none.
 * @example new SystemError('bind', 98, '127.0.0.1 port 7000').message // 'bind 127.0.0.1 port 7000: address already in use (EADDRINUSE)'
 */
export class SystemError extends Error {
  readonly exitCode = 111;
  readonly code: string;
  constructor(
    readonly syscall: string,
    readonly errno: number,
    subject = '',
    options?: ErrorOptions,
  ) {
    const [code, text] = describeErrno(errno);
    super(`${subject === '' ? syscall : `${syscall} ${subject}`}: ${text} (${code})`, options);
    this.code = code;
  }
}

/** A bug of superd: an assumption did not hold. */
export class InternalError extends Error {
  readonly exitCode = 101;
}

/**
 * The name and the text of an errno(3) number.
 *
 * @example describeErrno(13) // ['EACCES', 'permission denied']
 */
export function describeErrno(errno: number): [code: string, text: string] {
  return getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'unknown error'];
}
