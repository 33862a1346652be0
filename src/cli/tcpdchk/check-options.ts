import { accessSync, constants } from 'node:fs';
import type { AccessTables, Rule, RuleDiagnostic } from '../../access/index.js';
import { accountExists } from '../access/machine-facts.js';
import { errnoText } from '../error-text.js';

/** What the values of options name on this machine: users, groups, directories of banners. */
export function checkOptions({ allow, deny }: AccessTables): RuleDiagnostic[] {
  return [allow, deny].flatMap(({ path, rules }) => rules.flatMap((rule) => checkRule(path, rule)));
}

function checkRule(path: string, { line, options }: Rule): RuleDiagnostic[] {
  const found: RuleDiagnostic[] = [];
  for (const step of options ?? []) {
    if (!step.ok) break;
    const { action } = step;
    if (action.kind === 'banners') {
      const reason = unusable(action.directory);
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
          message: `unknown ${database}: "${name}"; who matches this rule is refused`,
        });
      }
    }
  }
  return found;
}

function unusable(directory: string): string | null {
  try {
    accessSync(directory, constants.R_OK);
    return null;
  } catch (error) {
    return errnoText(error);
  }
}
