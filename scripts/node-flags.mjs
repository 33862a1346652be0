import { readFileSync } from 'node:fs';

/** The options that bin/PROGRAM gives to Node. */
export function nodeFlags(program) {
  const entry = readFileSync(new URL(`../bin/${program}`, import.meta.url), 'utf8').replaceAll(/^#.*/gm, '');
  return entry.match(/(?<= )--[a-z]\S*/g) ?? [];
}
