import type { IncomingMessage } from 'node:http';
import { suggest } from '../config/suggest.js';
import { ConfigError } from '../errors.js';
import { TooLarge, UnknownVerb, WrongMethod } from './failure.js';
import type { JsonSchema } from './schema.js';
import { API } from './shared-schemas.js';
import type { StreamVerb, Verb } from './verb.js';
import { streams, verbs } from './verbs/table.js';

const MAX_BODY_BYTES = 1024 * 1024;

export interface ReadRequest {
  readonly verb: Verb<unknown, unknown> | StreamVerb<unknown, unknown>;
  readonly params: unknown;
}

/**
 * Reads the verb and its parameters: `GET /v1/list?services=echo`, or `POST /v1/stop` with a JSON object. Verbs that change nothing
 * accept both methods.
 *
 * @throws UnknownVerb, WrongMethod, TooLarge, ConfigError `usage` also for a client that leaves in the middle of its request.
 */
export async function readRequest(request: IncomingMessage): Promise<ReadRequest> {
  const { path, query } = splitTarget(request.url ?? '/');
  const verb = verbAt(path);
  const { method } = request;
  if (method !== 'POST' && (method !== 'GET' || verb.role === 'admin'))
    throw new WrongMethod(`${verb.name}: wanted ${verb.role === 'admin' ? 'POST' : 'GET or POST'}, found ${method}`);
  const body = await bodyOf(request);
  const given = method === 'POST' && body !== '' ? parse(body) : fromQuery(query, verb.params.json);
  return { verb, params: verb.params.read(given, verb.name) };
}

/** Splits the target of a request (RFC 9112 §3.2). `URL` would throw for some targets that clients send. */
function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const [, path = '', query = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(target) ?? [];
  return { path, query: new URLSearchParams(query) };
}

function verbAt(path: string): ReadRequest['verb'] {
  const all: Readonly<Record<string, unknown>> = { ...verbs, ...streams };
  const name = path.startsWith(`${API}/`) ? path.slice(API.length + 1) : '';
  if (Object.hasOwn(all, name)) return all[name] as ReadRequest['verb'];
  const near = suggest(name.slice(0, 100), Object.keys(all));
  throw new UnknownVerb(`there is no ${path.slice(0, 100)}; ${near === null ? `try ${API}/list` : `did you mean ${API}/${near}?`}`);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw new TooLarge(`the body of a request is limited to ${MAX_BODY_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    throw new ConfigError('usage', `the request ends early, after ${bytes} bytes of its body: ${(error as Error).message}`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new ConfigError('usage', `the body is not JSON: ${(error as Error).message}`);
  }
}

/** The values of a query are strings: the schema tells which become lists, numbers or booleans. */
function fromQuery(query: URLSearchParams, { properties = {} }: JsonSchema): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
    if (type === 'array') params[name] = values;
    else params[name] = textAs(values.at(-1) as string, type);
  }
  return params;
}

function textAs(text: string, type: JsonSchema['type']): unknown {
  if (type === 'boolean' && (text === '' || text === 'true')) return true;
  if (type === 'boolean' && text === 'false') return false;
  if ((type === 'integer' || type === 'number') && text !== '' && Number.isFinite(Number(text))) return Number(text);
  return text;
}
