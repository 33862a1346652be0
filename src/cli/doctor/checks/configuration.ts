import { accessSync, constants } from 'node:fs';
import type { Diagnostic } from '../../../config/diagnostic.js';
import { placeOf } from '../../../errors.js';
import { errnoText } from '../../error-text.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** What `check` tells as errors and warnings: servers that are no programs, users that nobody knows, and all the rest. */
export function configuration({ config, plan, diagnostics }: Patient): readonly Finding[] {
  if (plan === null) return [unreadable(config)];
  return diagnostics.flatMap((one) => (one.severity === 'note' ? [] : [findingOf(one, one.severity)]));
}

const REMEDIES: Readonly<Partial<Record<Diagnostic['code'], string>>> = {
  'unknown-user': 'make the user with useradd(8), or name another one',
  'unknown-group': 'make the group with groupadd(8), or name another one',
  'server-not-executable': 'install the program, give it the right to be executed, or name another one',
  'duplicate-endpoint': 'give one of the two another port or address',
};

function findingOf(diagnostic: Diagnostic, severity: 'error' | 'warning'): Finding {
  const remedy = REMEDIES[diagnostic.code] ?? 'change the line; superctl check tells when it is right';
  return { severity, code: diagnostic.code, place: placeOf(diagnostic), problem: diagnostic.message, remedy };
}

function unreadable(config: string): Finding {
  let problem = 'is no configuration that can be read';
  try {
    accessSync(config, constants.R_OK);
  } catch (error) {
    problem = `cannot be read: ${errnoText(error)}`;
  }
  return { severity: 'error', code: 'config-unreadable', place: config, problem, remedy: 'name the file with --config' };
}
