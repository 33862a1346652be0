import { readFileSync } from 'node:fs';
import type { AccessTables, TableSource } from '../../access/index.js';
import { compileTables } from '../../access/index.js';
import { errnoText } from '../error-text.js';
import { hasInterface } from './machine-facts.js';

export interface TablePaths {
  readonly allow: string;
  readonly deny: string;
}

/** Where the tables of a machine stand. */
export const systemTables: TablePaths = { allow: '/etc/hosts.allow', deny: '/etc/hosts.deny' };

/** Reads and compiles both files. */
export function readTables({ allow, deny }: TablePaths): AccessTables {
  return compileTables({ allow: readTable(allow), deny: readTable(deny), hasInterface });
}

/** A file that is not there, or a directory in its place, is an empty table; one that cannot be read is not. */
function readTable(path: string): TableSource {
  try {
    return { path, content: readFileSync(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return { path, content: null };
    return { path, content: null, unreadable: errnoText(error) };
  }
}
