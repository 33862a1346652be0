import { XdrError, XdrReader, XdrWriter } from './xdr.js';

/** A procedure of a version of a program, RFC 5531. */
export interface Procedure {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
}

/** The answer to a call. */
export type RpcReply =
  /** The reader is at the start of the results. */
  | { readonly kind: 'success'; readonly results: XdrReader }
  /** The program speaks other versions. */
  | { readonly kind: 'other-version'; readonly low: number; readonly high: number }
  /** That address does not serve the program. */
  | { readonly kind: 'no-program' }
  /** Anything else; `why` is for people. */
  | { readonly kind: 'refused'; readonly why: string };

const CALL = 0;
const REPLY = 1;
const RPC_VERSION = 2;
const AUTH_NONE = 0;
/** RFC 5531 §8.2: the longest body of an opaque_auth. */
const LONGEST_AUTH = 400;

/** Encodes a call without credentials: rpcbind learns the caller from the kernel (unix socket) or from the reserved port. */
export function encodeCall(xid: number, { program, version, procedure }: Procedure, parameters: Buffer): Buffer {
  const header = new XdrWriter().uint(xid).uint(CALL).uint(RPC_VERSION).uint(program).uint(version).uint(procedure);
  const withAuthNone = header.uint(AUTH_NONE).uint(0).uint(AUTH_NONE).uint(0);
  return Buffer.concat([withAuthNone.bytes(), parameters]);
}

/**
 * Decodes the reply to a call.
 *
 * @returns null when the reply belongs to another call.
 * @throws XdrError when RFC 5531 does not allow the reply.
 */
export function decodeReply(xid: number, data: Buffer): RpcReply | null {
  const reader = new XdrReader(data);
  if (reader.uint() !== xid) return null;
  expectValue(reader.uint(), REPLY, 'message type');
  return reader.bool() ? denied(reader) : accepted(reader);
}

const ACCEPT = [
  'success',
  'no-program',
  'other-version',
  'it has no such procedure',
  'it cannot read the parameters',
  'a system error',
] as const;

function accepted(reader: XdrReader): RpcReply {
  reader.uint();
  reader.opaque(LONGEST_AUTH);
  const status = ACCEPT[reader.uint()];
  if (status === undefined) throw malformed('accept_stat');
  if (status === 'success') return { kind: 'success', results: reader };
  const reply: RpcReply =
    status === 'other-version'
      ? { kind: status, low: reader.uint(), high: reader.uint() }
      : status === 'no-program'
        ? { kind: status }
        : { kind: 'refused', why: status };
  reader.end();
  return reply;
}

function denied(reader: XdrReader): RpcReply {
  const status = reader.uint();
  if (status > 1) throw malformed('reject_stat');
  const why = status === 0 ? `it speaks RPC ${reader.uint()} to ${reader.uint()}` : `authentication failed (auth_stat ${reader.uint()})`;
  reader.end();
  return { kind: 'refused', why };
}

function expectValue(found: number, expected: number, what: string): void {
  if (found !== expected) throw malformed(what);
}

function malformed(what: string): XdrError {
  return new XdrError(`a bad ${what}`);
}
