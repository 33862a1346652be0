import type { JsonSchema } from './schema.js';
import { API } from './shared-schemas.js';
import { summaries } from './summaries.js';
import type { StreamVerb, Verb } from './verb.js';
import { streams, verbs } from './verbs/table.js';

type AnyVerb = Verb<unknown, unknown> | StreamVerb<unknown, unknown>;

/** Describes the control socket in OpenAPI 3.1, from the table of verbs. */
export function openApi(version: string): object {
  const all = Object.values<unknown>({ ...verbs, ...streams }) as AnyVerb[];
  return {
    openapi: '3.1.0',
    info: {
      title: 'superd',
      version,
      description:
        'The control socket of superd: HTTP over a unix socket. The kernel identifies the client; docs/control.md says which clients may connect.',
    },
    paths: Object.fromEntries(all.map((verb) => [`${API}/${verb.name}`, pathOf(verb)])),
    components: { schemas: { Failure: FAILURE } },
  };
}

function pathOf(verb: AnyVerb): object {
  const base = { operationId: verb.name, summary: summaries[verb.name], responses: responsesOf(verb) };
  const { properties = {}, required = [] } = verb.params.json;
  const body = { requestBody: { content: { 'application/json': { schema: verb.params.json } } } };
  if (verb.role === 'admin') return { post: { ...base, ...body } };
  const parameters = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  return { get: { ...base, parameters }, post: { ...base, operationId: `${verb.name}Post`, ...body } };
}

function responsesOf(verb: AnyVerb): object {
  const failure = {
    description: 'The verb failed',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
  };
  return { 200: { description: 'The verb succeeded', content: contentOf(verb) }, default: failure };
}

function contentOf(verb: AnyVerb): object {
  if ('result' in verb) return { 'application/json': { schema: verb.result.json } };
  const items: JsonSchema = { type: 'object', properties: { items: { type: 'array', items: verb.item.json } }, required: ['items'] };
  return { 'text/event-stream': { schema: verb.item.json }, 'application/json': { schema: items } };
}

const FAILURE: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'exitCode'],
      properties: {
        code: { type: 'string', description: 'For programs' },
        message: { type: 'string', description: 'For people' },
        exitCode: { type: 'integer', description: 'The exit status of superctl' },
      },
    },
  },
};
