import { readFileSync } from 'node:fs';
import { type AccessTables, compileTables, lintRules, type RuleDiagnostic, type TableSource } from '../../access/index.js';
import { errnoText } from '../error-text.js';
import { hasInterface, readPatternFile } from './machine-facts.js';

export interface TablePaths {
  readonly allow: string;
  readonly deny: string;
}

/** The tables of the machine. */
export const systemTables: TablePaths = { allow: '/etc/hosts.allow', deny: '/etc/hosts.deny' };

/** Reads and compiles both files. */
export function readTables({ allow, deny }: TablePaths): AccessTables {
  return compileTables({ allow: readTable(allow), deny: readTable(deny), hasInterface });
}

/** Errors and warnings about the tables and the files of host patterns that they name, without notes. */
export function ruleProblems(tables: AccessTables): RuleDiagnostic[] {
  return lintRules(tables, readPatternFile).filter(({ severity }) => severity !== 'note');
}

/** A missing file, or a directory in its place, is an empty table; an unreadable file is not. */
function readTable(path: string): TableSource {
  try {
    return { path, content: readFileSync(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return { path, content: null };
    return { path, content: null, unreadable: errnoText(error) };
  }
}
