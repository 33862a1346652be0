import { attributeNamed, findAttribute } from '../config/attributes/table.js';
import type { Block } from '../config/entries.js';
import { splitArguments } from '../config/lex.js';

/** Replaces the value of a variable, which may be a password. */
const HIDDEN = '***';

/**
 * A line of configuration without the values of `env`, whether or not its syntax is correct.
 *
 * @example redactLine('\tenv = PASSWORD=secret HOME=/') // '\tenv = PASSWORD=*** HOME=***'
 */
export function redactLine(line: string): string {
  const match = /^(\s*([^\s=:+-]+)\s*[+-]?=?)(.*)$/s.exec(line);
  if (match === null || !isSecret(match[2] as string)) return line;
  return `${match[1]}${redactValues(match[3] as string)}`;
}

function isSecret(spelling: string): boolean {
  const name = findAttribute(spelling);
  return name !== undefined && attributeNamed(name).secret === true;
}

/** Attributes and their values without the values of variables in `env`. */
export function redactAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, isSecret(name) ? redactValues(value) : value]));
}

/** A block without the values of `env`. */
export function redactBlock(block: Block): Block {
  const assignments = block.assignments.map((one) => (isSecret(one.name) ? { ...one, value: redactValues(one.value) } : one));
  return { ...block, assignments };
}

/**
 * The value of `env` without the values of its variables. A word without `=` may be part of a quoted value, and is hidden as a whole.
 *
 * @example redactValues('A=1 B="2 C=3"') // 'A=*** B=***'
 */
export function redactValues(value: string): string {
  const hidden = splitArguments(value).words.map((word) => (word.indexOf('=') > 0 ? word.replace(/=.*/s, `=${HIDDEN}`) : HIDDEN));
  return `${/^\s*/.exec(value)?.[0] ?? ''}${hidden.join(' ')}`;
}
