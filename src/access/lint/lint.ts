import { toText } from '../bytes.js';
import type { Rule, RuleDiagnostic } from '../rule.js';
import type { AccessTables, CompiledTable } from '../tables.js';
import { lintClients } from './lint-clients.js';
import { lintDaemons } from './lint-daemons.js';
import { lintOptions } from './lint-options.js';
import type { ReportRule } from './report-rule.js';
import { findShadowed } from './shadow.js';

/**
 * Reports everything wrong, doubtful or without effect in the tables themselves, in the order of the lines, hosts.allow first. It does not
 * check what only the machine or the network knows (names that do not resolve, missing files).
 */
export function lintTables({ allow, deny }: AccessTables): RuleDiagnostic[] {
  return [...lintTable(allow, []), ...lintTable(deny, allow.rules)];
}

function lintTable(table: CompiledTable, earlier: readonly Rule[]): RuleDiagnostic[] {
  const found = [...table.diagnostics];
  const sayAt =
    (rule: Rule): ReportRule =>
    (severity, code, message) =>
      found.push({ severity, code, path: table.path, line: rule.line, message: toText(message) });
  for (const rule of table.rules) lintRule(rule, sayAt(rule));
  for (const { rule, message } of findShadowed(table.rules, earlier)) sayAt(rule)('warning', 'shadowed', message);
  return found.sort((a, b) => a.line - b.line);
}

function lintRule(rule: Rule, report: ReportRule): void {
  lintDaemons(rule, report);
  lintClients(rule, report);
  if (rule.options !== null) lintOptions(rule, rule.options, report);
}
