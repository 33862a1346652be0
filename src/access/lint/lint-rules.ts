import { toText } from '../bytes.js';
import type { HostPattern } from '../pattern.js';
import type { RuleDiagnostic } from '../rule.js';
import { type AccessTables, tableDiagnostics } from '../tables.js';
import { lintTables } from './lint.js';
import { lintPatternFile, type PatternFile, patternFileHosts } from './lint-pattern-file.js';

/** Longer tables take seconds to compare rule with rule. */
const LONGEST_TABLE = 10_000;

/** A bound for files of host patterns that name further files. */
const MOST_FILES = 256;

/** @returns null for a file that is missing or cannot be read. */
export type ReadPatternFile = (path: string) => string | Uint8Array | null;

/**
 * Reports everything wrong or doubtful in the tables and in the files of host patterns that they name. Of tables with more than 10,000 rules it
 * reports only what the parser finds; tcpdchk(8) examines those whole.
 */
export function lintRules(tables: AccessTables, read: ReadPatternFile): RuleDiagnostic[] {
  if (tables.allow.rules.length + tables.deny.rules.length > LONGEST_TABLE) return tableDiagnostics(tables);
  return [...lintTables(tables), ...patternFiles(tables, read).flatMap(lintPatternFile)];
}

/** The files of host patterns that rules name, directly or in another such file; each once, at most 256. */
export function patternFiles({ allow, deny }: AccessTables, read: ReadPatternFile): PatternFile[] {
  const paths = new Set<string>();
  for (const { daemons, clients } of [...allow.rules, ...deny.rules]) {
    for (const { server } of daemons.flat()) if (server !== null) addPath(server, paths);
    for (const { host } of clients.flat()) addPath(host, paths);
  }
  const files: PatternFile[] = [];
  // The loop also visits the paths that it adds.
  for (const path of paths) {
    if (files.length === MOST_FILES) break;
    const content = read(path);
    if (content === null) continue;
    const file = { path, content };
    files.push(file);
    for (const { host } of patternFileHosts(file)) addPath(host, paths);
  }
  return files;
}

function addPath(host: HostPattern, paths: Set<string>): void {
  if (host.kind === 'file') paths.add(toText(host.path));
}
