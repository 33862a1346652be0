import { findAttribute } from '../config/attributes/table.js';
import type { Block } from '../config/entries.js';
import { splitArguments } from '../config/lex.js';

/** What stands for the value of a variable, which may be a password. */
const HIDDEN = '***';

/**
 * A line of configuration without the values of `env`.
 *
 * @example redactLine('\tenv = PASSWORD=secret HOME=/') // '\tenv = PASSWORD=*** HOME=***'
 */
export function redactLine(line: string): string {
  const match = /^(\s*env\s*[+-]?=)(.*)$/s.exec(line);
  return match === null ? line : `${match[1]}${redactValues(match[2] as string)}`;
}

/** A block without the values of `env`. */
export function redactBlock(block: Block): Block {
  const hidden = (value: string) => splitArguments(value).words.map((word) => word.replace(/=.*/s, `=${HIDDEN}`));
  const assignments = block.assignments.map((one) =>
    findAttribute(one.name) === 'env' ? { ...one, value: hidden(one.value).join(' ') } : one,
  );
  return { ...block, assignments };
}

/**
 * The value of `env` without the values of its variables: whatever stands between the first = of one and the next name.
 *
 * @example redactValues('A=1 B="2 3"') // 'A=*** B=***'
 */
export function redactValues(value: string): string {
  const names = [...value.matchAll(/(?:^|\s)("?)([^\s="]+)=/g)].map((match) => match[2] as string);
  return names.length === 0 ? value : `${/^\s*/.exec(value)?.[0] ?? ''}${names.map((name) => `${name}=${HIDDEN}`).join(' ')}`;
}
