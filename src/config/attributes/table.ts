import { access } from './access.js';
import type { Attribute, AttributeSpec } from './attribute.js';
import { control } from './control.js';
import { defaultsOnly } from './defaults-only.js';
import { health } from './health.js';
import { identity } from './identity.js';
import { initd } from './initd.js';
import { limits } from './limits.js';
import { log } from './log.js';
import { metrics } from './metrics.js';
import { output } from './output.js';
import { program } from './program.js';
import { redirect } from './redirect.js';
import { resident } from './resident.js';
import { restarts } from './restart.js';
import { socket } from './socket.js';

/** Every attribute, in the order in which superd shows them. */
export const table = {
  ...identity,
  ...socket,
  ...program,
  ...limits,
  ...access,
  ...log,
  ...redirect,
  ...resident,
  ...health,
  ...restarts,
  ...output,
  ...defaultsOnly,
  ...control,
  ...metrics,
  ...initd,
} as const;

export type AttributeName = keyof typeof table;
export type ValueOf<A> = A extends AttributeSpec<infer V> ? V : never;
export type Value<N extends AttributeName> = ValueOf<(typeof table)[N]>;

export const attributes = Object.entries(table) as readonly [AttributeName, Attribute<unknown>][];

const byName: ReadonlyMap<string, AttributeName> = new Map(
  attributes.flatMap(([name, attribute]) => [name, ...(attribute.aliases ?? [])].map((spelling) => [spelling, name] as const)),
);

/** Every name an attribute may be written with. */
export const spellings: readonly string[] = [...byName.keys()];

/** The attribute with this spelling, in any case; undefined when there is none. */
export function findAttribute(spelling: string): AttributeName | undefined {
  return byName.get(spelling.toLowerCase());
}

/** The attribute as an object. */
export const attributeNamed = (name: AttributeName): Attribute<unknown> => table[name] as Attribute<unknown>;
