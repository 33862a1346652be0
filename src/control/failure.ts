import { ConfigError, SystemError } from '../errors.js';
import type { Failure } from './shared-schemas.js';

/** What an error is to whoever asked. */
export interface FailureReply {
  /** Of HTTP. */
  readonly status: number;
  readonly failure: Failure;
  /** superd itself is wrong: its log should know. */
  readonly isOurs: boolean;
}

/** The request is understood, and nobody here can do it. */
export class NoSuchVerb extends Error {
  readonly code = 'unknown-verb';
  readonly exitCode = 100;
  readonly status = 404;
}

export class WrongMethod extends Error {
  readonly code = 'wrong-method';
  readonly exitCode = 100;
  readonly status = 405;
}

export class TooLarge extends Error {
  readonly code = 'too-large';
  readonly exitCode = 100;
  readonly status = 413;
}

export class NotAllowed extends Error {
  readonly code = 'forbidden';
  readonly exitCode = 100;
  readonly status = 403;
  constructor(verb: string) {
    super(`${verb} changes something: only root, superd's own user and those in control_admin may use it`);
  }
}

/** Asked and answered no: what was wanted cannot be done as things are. */
export class Refused extends Error {
  readonly exitCode = 1;
  readonly status = 409;
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function failureOf(error: unknown): FailureReply {
  const { code, message, exitCode, status } = error as { code?: unknown; message: string; exitCode?: unknown; status?: unknown };
  if (!(error instanceof Error) || typeof code !== 'string' || typeof exitCode !== 'number')
    return { status: 500, failure: { error: { code: 'internal', message: String(error), exitCode: 101 } }, isOurs: true };
  return { status: typeof status === 'number' ? status : statusOf(error), failure: { error: { code, message, exitCode } }, isOurs: false };
}

function statusOf(error: Error): number {
  if (error instanceof ConfigError) return 400;
  return error instanceof SystemError ? 500 : 409;
}
