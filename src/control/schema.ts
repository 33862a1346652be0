import { ConfigError } from '../errors.js';

/** The shape of a JSON value: a type for TypeScript, a validator for requests, and JSON Schema for the OpenAPI description. */
export interface Schema<T> {
  readonly json: JsonSchema;
  /**
   * Validates a value.
   *
   * @param at The name of the value in messages.
   * @throws ConfigError `usage`.
   */
  read(value: unknown, at: string): T;
}

export type Infer<S> = S extends Schema<infer T> ? T : never;

/** The part of JSON Schema that the verbs use. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minimum?: number;
}

const wrong = (at: string, wanted: string, value: unknown) =>
  new ConfigError('usage', `${at}: wanted ${wanted}, found ${(JSON.stringify(value) ?? 'nothing').slice(0, 80)}`);

export const string = (description?: string): Schema<string> => ({
  json: described({ type: 'string' }, description),
  read(value, at) {
    if (typeof value === 'string') return value;
    throw wrong(at, 'a string', value);
  },
});

export const number = (description?: string): Schema<number> => ({
  json: described({ type: 'number' }, description),
  read(value, at) {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw wrong(at, 'a number', value);
  },
});

/** A whole number from 0 up. */
export const count = (description?: string): Schema<number> => ({
  json: described({ type: 'integer', minimum: 0 }, description),
  read(value, at) {
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    throw wrong(at, 'a whole number', value);
  },
});

export const boolean = (description?: string): Schema<boolean> => ({
  json: described({ type: 'boolean' }, description),
  read(value, at) {
    if (typeof value === 'boolean') return value;
    throw wrong(at, 'true or false', value);
  },
});

export const oneOf = <const T extends string>(words: readonly T[], description?: string): Schema<T> => ({
  json: described({ type: 'string', enum: words }, description),
  read(value, at) {
    if (words.includes(value as T)) return value as T;
    throw wrong(at, `one of ${words.join(', ')}`, value);
  },
});

export const nullable = <T>(schema: Schema<T>): Schema<T | null> => ({
  json: { ...schema.json, type: [schema.json.type, 'null'].flat() as string[] },
  read: (value, at) => (value === null ? null : schema.read(value, at)),
});

export const list = <T>(item: Schema<T>, description?: string): Schema<readonly T[]> => ({
  json: described({ type: 'array', items: item.json }, description),
  read(value, at) {
    if (!Array.isArray(value)) throw wrong(at, 'a list', value);
    return value.map((one, i) => item.read(one, `${at}[${i}]`));
  },
});

/** An object with arbitrary names and values of one type. */
export const record = <T>(item: Schema<T>, description?: string): Schema<Readonly<Record<string, T>>> => ({
  json: described({ type: 'object', additionalProperties: item.json }, description),
  read(value, at) {
    if (!isObject(value)) throw wrong(at, 'an object', value);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, item.read(one, `${at}.${name}`)]));
  },
});

/** Any JSON value. Its description must refer to another document. */
export const anything = (description: string): Schema<unknown> => ({ json: { description }, read: (value) => value });

/** A property that may be missing. */
export interface Optional<T> {
  readonly optional: Schema<T>;
}
export const optional = <T>(schema: Schema<T>): Optional<T> => ({ optional: schema });

type Field = Schema<unknown> | Optional<unknown>;
type OptionalKeys<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];
type ObjectOf<F> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: F[K] extends Optional<infer T> ? T : never;
};

/** An object with these properties and no others. */
export function object<F extends Readonly<Record<string, Field>>>(fields: F, description?: string): Schema<ObjectOf<F>> {
  const entries = Object.entries(fields).map(([name, field]) => {
    const isOptional = 'optional' in field;
    return { name, isOptional, schema: isOptional ? field.optional : field };
  });
  return {
    json: described(
      {
        type: 'object',
        properties: Object.fromEntries(entries.map(({ name, schema }) => [name, schema.json])),
        required: entries.filter(({ isOptional }) => !isOptional).map(({ name }) => name),
        additionalProperties: false,
      },
      description,
    ),
    read(value, at) {
      if (!isObject(value)) throw wrong(at, 'an object', value);
      for (const name of Object.keys(value))
        if (!Object.hasOwn(fields, name))
          throw new ConfigError('usage', `${at}: unknown property ${JSON.stringify(name).slice(0, 80)}; wanted ${knownNames(fields)}`);
      const read: Record<string, unknown> = {};
      for (const { name, isOptional, schema } of entries) {
        if (Object.hasOwn(value, name)) read[name] = schema.read(value[name], `${at}.${name}`);
        else if (!isOptional) throw wrong(`${at}.${name}`, 'a value', undefined);
      }
      return read as ObjectOf<F>;
    },
  };
}

function knownNames(fields: object): string {
  const names = Object.keys(fields);
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function described(json: JsonSchema, description: string | undefined): JsonSchema {
  return description === undefined ? json : { ...json, description };
}
