import { ConfigError, SystemError } from '../errors.js';
import type { Failure } from './shared-schemas.js';

/** An error as the client receives it. */
export interface FailureReply {
  /** The HTTP status. */
  readonly status: number;
  readonly failure: Failure;
  /** A bug of superd, which belongs into its log. */
  readonly isInternal: boolean;
}

export class UnknownVerb extends Error {
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
    super(`${verb} is allowed only for root, superd's own user and the users in control_admin`);
  }
}

/** superd cannot do what the request wants in its present state. */
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
    return { status: 500, failure: { error: { code: 'internal', message: String(error), exitCode: 101 } }, isInternal: true };
  return {
    status: typeof status === 'number' ? status : statusOf(error),
    failure: { error: { code, message, exitCode } },
    isInternal: false,
  };
}

function statusOf(error: Error): number {
  if (error instanceof ConfigError) return 400;
  return error instanceof SystemError ? 500 : 409;
}
