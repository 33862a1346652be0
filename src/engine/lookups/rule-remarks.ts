import { type AccessTables, compileTables, lintRules, type RuleDiagnostic, type TableSource } from '../../access/index.js';
import type { Plan } from '../../config/plan.js';
import { hasInterface } from './interface-name.js';
import { contentOf, type FileContent } from './watched-file.js';

/** A remark about access rules for an operator. */
export interface RuleRemark extends Pick<RuleDiagnostic, 'path' | 'line' | 'message'> {
  /** Never an error: a mistake in the rules stops no service. */
  readonly severity: 'warning';
  readonly code: 'access-rule';
}

/** What is wrong or doubtful in the access rules of a plan, as they are in the files now; nothing when no service uses them. */
export function ruleRemarks({ tables, services, muxed }: Pick<Plan, 'tables' | 'services' | 'muxed'>): RuleRemark[] {
  if (![...services, ...muxed].some(({ gate }) => gate.wrappers !== null)) return [];
  const [allow, deny] = [tables.allow, tables.deny].map((path) => tableSource(path, contentOf(path))) as [TableSource, TableSource];
  return remarksOn(compileTables({ allow, deny, hasInterface }));
}

/** The same for compiled tables, used or not. */
export function remarksOn(tables: AccessTables): RuleRemark[] {
  return ruleProblems(tables).map(({ path, line, message }) => ({ severity: 'warning', code: 'access-rule', path, line, message }));
}

/** Errors and warnings about tables and the files that they name, without notes. */
export function ruleProblems(tables: AccessTables): RuleDiagnostic[] {
  return lintRules(tables, readPatterns).filter(({ severity }) => severity !== 'note');
}

export function tableSource(path: string, content: FileContent): TableSource {
  switch (content.kind) {
    case 'text':
      return { path, content: content.bytes };
    case 'missing':
      return { path, content: null };
    case 'unreadable':
      return { path, content: null, unreadable: content.problem };
  }
}

function readPatterns(path: string): Uint8Array | null {
  const content = contentOf(path);
  return content.kind === 'text' ? content.bytes : null;
}
