import { placeOf } from '../../../errors.js';
import { readTables, ruleProblems } from '../../access/table-files.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

const REMEDY = 'change the rule; tcpdchk -v shows how superd reads it';

/** Mistakes in hosts.allow and hosts.deny, such as rules that can never match. */
export function accessRules({ plan }: CheckContext): readonly Finding[] {
  if (plan === null) return [];
  return ruleProblems(readTables(plan.tables)).map((one) => ({
    severity: one.severity === 'error' ? 'error' : 'warning',
    code: one.code,
    place: placeOf(one),
    problem: one.message,
    remedy: REMEDY,
  }));
}
