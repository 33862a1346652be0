import { accessSync, constants } from 'node:fs';
import type { Diagnostic } from '../../../config/diagnostic.js';
import { placeOf } from '../../../errors.js';
import { errnoText } from '../../error-text.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

/** The errors and warnings of `superctl check`: missing servers, unknown users and the rest. */
export function configuration({ config, plan, diagnostics }: CheckContext): readonly Finding[] {
  if (plan === null) return [unreadable(config)];
  return diagnostics.flatMap((one) => (one.severity === 'note' ? [] : [findingOf(one, one.severity)]));
}

const REMEDIES: Readonly<Partial<Record<Diagnostic['code'], string>>> = {
  'unanswered-name': 'make the servers in nsswitch.conf(5) reachable',
  'unknown-user': 'create the user with useradd(8), or name another one',
  'unknown-group': 'create the group with groupadd(8), or name another one',
  'server-not-executable': 'install the program, make it executable, or name another one',
  'server-cannot-start': 'correct the program as the message says',
  'duplicate-endpoint': 'give one of the two another port or address',
};

function findingOf(diagnostic: Diagnostic, severity: 'error' | 'warning'): Finding {
  const remedy = REMEDIES[diagnostic.code] ?? 'change the line until superctl check finds nothing';
  return { severity, code: diagnostic.code, place: placeOf(diagnostic), problem: diagnostic.message, remedy };
}

function unreadable(config: string): Finding {
  let problem = 'is no readable configuration';
  try {
    accessSync(config, constants.R_OK);
  } catch (error) {
    problem = `cannot be read: ${errnoText(error)}`;
  }
  return { severity: 'error', code: 'config-unreadable', place: config, problem, remedy: 'name the file with --config' };
}
