import { accessSync, constants } from 'node:fs';
import type { AccessTables, Rule, RuleDiagnostic } from '../../access/index.js';
import { accountExists } from '../access/machine-facts.js';
import { errnoText } from '../error-text.js';

/** Checks that the users, groups and banner directories of options exist on this machine. */
export function checkOptions({ allow, deny }: AccessTables): RuleDiagnostic[] {
  return [allow, deny].flatMap(({ path, rules }) => rules.flatMap((rule) => checkRule(path, rule)));
}

function checkRule(path: string, { line, options }: Rule): RuleDiagnostic[] {
  const found: RuleDiagnostic[] = [];
  for (const step of options ?? []) {
    if (!step.ok) break;
    const { action } = step;
    if (action.kind === 'banners') {
      const reason = unreadable(action.directory);
      if (reason !== null) found.push({ severity: 'warning', code: 'no-banners', path, line, message: `${action.directory}: ${reason}` });
    }
    const user = action.kind === 'user' ? action.user : null;
    const group = action.kind === 'user' || action.kind === 'group' ? action.group : null;
    for (const [database, name] of [['user', user] as const, ['group', group] as const]) {
      if (name !== null && !accountExists(database, name)) {
        found.push({
          severity: 'error',
          code: 'unknown-account',
          path,
          line,
          message: `unknown ${database}: "${name}"; clients that match this rule are refused`,
        });
      }
    }
  }
  return found;
}

function unreadable(directory: string): string | null {
  try {
    accessSync(directory, constants.R_OK);
    return null;
  } catch (error) {
    return errnoText(error);
  }
}
