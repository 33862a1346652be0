import {
  type AccessTables,
  type CompiledTable,
  lintPatternFile,
  lintTables,
  type PatternFile,
  patternFiles,
  type Rule,
  type RuleDiagnostic,
} from '../../access/index.js';
import { readPatternFile } from '../access/machine-facts.js';
import { readOffered } from '../access/offered.js';
import { renderDiagnostic } from '../access/render-diagnostic.js';
import { readTables, systemTables } from '../access/table-files.js';
import { parseToolOptions } from '../access/tool-options.js';
import { checkFile } from './check-file.js';
import { checkHosts } from './check-hosts.js';
import { checkOffered } from './check-offered.js';
import { checkOptions } from './check-options.js';
import { renderRule } from './render.js';

const USAGE = `usage: tcpdchk [-a] [-d] [-i inet_conf] [--config superd_conf] [-v]
\t-a: report rules with implicit "ALLOW" at end
\t-d: use allow/deny files in current directory
\t-i: location of inetd.conf file
\t--config: a superd or xinetd configuration instead
\t-v: list all rules
`;

/**
 * Checks both tables.
 *
 * @throws ConfigError for a command line or a configuration that cannot be used.
 */
export async function tcpdchk(argv: readonly string[]): Promise<{ text: string; exitCode: 0 | 1 }> {
  const options = parseToolOptions(argv, 'adv', USAGE);
  if (options.words.length > 0) return { text: USAGE, exitCode: 1 };
  const offered = await readOffered(options.config);
  const tables = readTables(options.tables ?? offered?.tables ?? systemTables);
  const files = patternFiles(tables, readPatternFile);
  const found = [
    ...lintTables(tables),
    ...files.flatMap(lintPatternFile),
    ...checkFile(tables.allow.path),
    ...checkFile(tables.deny.path),
    ...checkOptions(tables),
    ...(offered === null ? [] : checkOffered(tables, offered)),
    ...(options.flags.has('a') ? implicitAllows(tables.allow) : []),
    ...(await checkHosts(tables, files)),
  ];
  const rules = options.flags.has('v') ? listRules(tables, found) : listFindings(tables, found);
  const report = (offered?.findings ?? []).map(renderDiagnostic).join('') + rules + listFiles(files, found);
  const head = options.flags.has('v') && options.config !== null ? `Using network configuration file: ${options.config.path}\n` : '';
  return { text: head + report, exitCode: 0 };
}

function listFindings({ allow, deny }: AccessTables, found: readonly RuleDiagnostic[]): string {
  return [allow, deny].map((table) => findingsOf(table, found).map(renderDiagnostic).join('')).join('');
}

function listFiles(files: readonly PatternFile[], found: readonly RuleDiagnostic[]): string {
  return files.map((file) => findingsOf(file, found).map(renderDiagnostic).join('')).join('');
}

function listRules({ allow, deny }: AccessTables, found: readonly RuleDiagnostic[]): string {
  return [allow, deny].map((table) => listTable(table, table === allow ? 'granted' : 'denied', findingsOf(table, found))).join('');
}

function listTable(table: CompiledTable, access: 'granted' | 'denied', found: readonly RuleDiagnostic[]): string {
  const lines = new Set(table.rules.map(({ line }) => line));
  const rules = table.rules.map((rule) =>
    renderRule(
      table.path,
      rule,
      access,
      found.filter(({ line }) => line === rule.line),
    ),
  );
  const others = found.filter(({ line }) => !lines.has(line)).map(renderDiagnostic);
  return rules.join('') + (others.length === 0 ? '' : `\n${others.join('')}`);
}

/** Each message once per line, in the order of the lines. */
function findingsOf({ path }: { readonly path: string }, found: readonly RuleDiagnostic[]): RuleDiagnostic[] {
  const seen = new Set<string>();
  return found
    .filter((one) => one.path === path)
    .filter(({ line, message }) => !seen.has(`${line} ${message}`) && seen.add(`${line} ${message}`))
    .sort((a, b) => a.line - b.line);
}

function implicitAllows({ path, rules }: CompiledTable): RuleDiagnostic[] {
  return rules
    .filter((rule) => !decidesByOption(rule))
    .map(({ line }) => ({ severity: 'warning', code: 'implicit-allow', path, line, message: 'implicit "allow" at end of rule' }));
}

const decidesByOption = ({ options }: Rule) => options?.some((step) => !step.ok || ['allow', 'deny', 'twist'].includes(step.name)) ?? false;
