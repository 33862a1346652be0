import { lintTables } from '../../../access/index.js';
import { placeOf } from '../../../errors.js';
import { readTables } from '../../access/table-files.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** What is wrong with hosts.allow and hosts.deny: rules that are never reached among it. */
export function accessRules({ plan }: Patient): readonly Finding[] {
  if (plan === null) return [];
  return lintTables(readTables(plan.tables)).flatMap((one) =>
    one.severity === 'note'
      ? []
      : [
          {
            severity: one.severity,
            code: one.code,
            place: placeOf(one),
            problem: one.message,
            remedy: 'change the rule; tcpdchk shows how each is read',
          },
        ],
  );
}
