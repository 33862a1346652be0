import type { Assignment, Block } from './entries.js';

/** An attribute line of a service that no file contains. */
export type BlockLine = Pick<Assignment, 'name' | 'operator' | 'value'>;

/** The place of a service started by `superctl run`, for messages. */
export const runPlace = (id: string) => `superctl run ${id}`;

/** The block of a service started by `superctl run`. */
export function runBlock(id: string, lines: readonly BlockLine[]): Block {
  const origin = { path: runPlace(id), line: 0 };
  return { kind: 'service', name: id, origin, assignments: lines.map((line) => ({ ...line, origin })), broken: false, dialect: 'xinetd' };
}
