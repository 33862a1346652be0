import { toText } from '../bytes.js';
import type { Rule, RuleDiagnostic } from '../rule.js';
import type { AccessTables, CompiledTable } from '../tables.js';
import { lintClients } from './lint-clients.js';
import { lintDaemons } from './lint-daemons.js';
import { lintOptions } from './lint-options.js';
import type { Say } from './say.js';
import { findShadowed } from './shadow.js';

/**
 * Everything that the tables themselves show to be wrong, doubtful or without effect, in the order of the lines, hosts.allow
 * first. What only the machine or the network knows (names that do not resolve, files that are not there) is not asked.
 */
export function lintTables({ allow, deny }: AccessTables): RuleDiagnostic[] {
  return [...lintTable(allow, []), ...lintTable(deny, allow.rules)];
}

function lintTable(table: CompiledTable, earlier: readonly Rule[]): RuleDiagnostic[] {
  const found = [...table.diagnostics];
  const sayAt =
    (rule: Rule): Say =>
    (severity, code, message) =>
      found.push({ severity, code, path: table.path, line: rule.line, message: toText(message) });
  for (const rule of table.rules) lintRule(rule, sayAt(rule));
  for (const { rule, message } of findShadowed(table.rules, earlier)) sayAt(rule)('warning', 'shadowed', message);
  return found.sort((a, b) => a.line - b.line);
}

function lintRule(rule: Rule, say: Say): void {
  lintDaemons(rule, say);
  lintClients(rule, say);
  if (rule.options !== null) lintOptions(rule, rule.options, say);
}
