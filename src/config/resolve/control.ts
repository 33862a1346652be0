import type { Question } from '../../os/binding.js';
import type { Account } from '../attributes/control.js';
import type { Findings } from '../diagnostic.js';
import type { Facts } from '../facts.js';
import type { CallersPlan, ControlPlan } from '../plan.js';
import type { Setting, Settings } from '../settings.js';

const NAMES = ['control_admin', 'control_read'] as const;

/** What must be known of those who may use the control socket. */
export function* controlQuestions(defaults: Settings): Generator<Question> {
  for (const name of NAMES) for (const account of defaults[name]?.value ?? []) yield [account.kind, account.name];
}

/** Who may use the control socket beside root and superd's own user; names nobody has are told of. */
export function resolveControl({ control_admin, control_read }: Settings, facts: Facts, findings: Findings): ControlPlan {
  return { admin: resolveCallers(control_admin, facts, findings), read: resolveCallers(control_read, facts, findings) };
}

function resolveCallers(setting: Setting<readonly Account[]> | undefined, facts: Facts, findings: Findings): CallersPlan {
  const uids: number[] = [];
  const gids: number[] = [];
  for (const { kind, name } of setting?.value ?? []) {
    const number = kind === 'user' ? (facts.user(name)?.uid ?? name) : (facts.group(name)?.gid ?? name);
    if (typeof number === 'number') (kind === 'user' ? uids : gids).push(number);
    else findings.at(setting!.origin).error(`unknown-${kind}`, `there is no ${kind} ${number}; create it, or write another`);
  }
  return { uids, gids };
}
