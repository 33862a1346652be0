import type { AccessTables, Decision, RuleDiagnostic } from '../../access/index.js';
import { ruleProblems } from '../access/table-files.js';

/** Lines in the log about the tables for one connection. */
const MOST = 20;

/** Mistakes in the tables up to the rule that decided, which is what libwrap reads for this decision. */
export function problemsUpTo({ rule }: Decision, tables: AccessTables): string[] {
  const { allow, deny } = tables;
  const isRead = ({ path, line }: RuleDiagnostic) => {
    if (rule === null) return path === allow.path || path === deny.path;
    return path === rule.path ? line <= rule.line : path === allow.path && rule.path === deny.path;
  };
  return ruleProblems(tables)
    .filter((one) => isRead(one))
    .slice(0, MOST)
    .map(({ path, line, message }) => `${path}, line ${line}: ${message}`);
}
