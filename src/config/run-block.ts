import type { Assignment, Block } from './entries.js';

/** An attribute line of a service that stands in no file. */
export type BlockLine = Pick<Assignment, 'name' | 'operator' | 'value'>;

/** Where a service that `superctl run` has started stands, as messages have it. */
export const runPlace = (id: string) => `superctl run ${id}`;

/** The block of a service that `superctl run` has started. */
export function runBlock(id: string, lines: readonly BlockLine[]): Block {
  const origin = { path: runPlace(id), line: 0 };
  return { kind: 'service', name: id, origin, assignments: lines.map((line) => ({ ...line, origin })), broken: false, dialect: 'xinetd' };
}
