import { attributes } from './attributes/table.js';
import { diagnosticCodes } from './diagnostic.js';

const text = { type: 'string' };
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** The JSON Schema (draft 2020-12) of the output of `superd --check --json`. */
export function checkSchema(): unknown {
  const names = attributes.map(([name]) => name);
  const byAttribute = (value: unknown) => ({ type: 'object', propertyNames: { enum: names }, additionalProperties: value });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'superd --check --json',
    ...object({
      services: {
        type: 'array',
        items: object({
          id: text,
          name: text,
          status: { enum: ['accepted', 'disabled', 'rejected'] },
          attributes: { description: 'Effective values in configuration syntax', ...byAttribute(text) },
          origins: { description: 'path:line of written attributes', ...byAttribute({ type: 'string', pattern: ':[0-9]+$' }) },
        }),
      },
      diagnostics: {
        type: 'array',
        items: object({
          severity: { enum: ['error', 'warning', 'note'] },
          // `access-rule`: about hosts_allow, hosts_deny and the files that they name.
          code: { enum: [...diagnosticCodes, 'access-rule'] },
          path: text,
          line: { description: 'From 1; 0 for the file as a whole', type: 'integer', minimum: 0 },
          message: text,
        }),
      },
    }),
  };
}
