import type { NssQuestion } from '../../os/binding.js';
import type { Account } from '../attributes/control.js';
import type { Findings } from '../diagnostic.js';
import type { NssFacts } from '../nss-facts.js';
import type { ControlPlan, ControlUsersPlan } from '../plan.js';
import type { Setting, Settings } from '../settings.js';
import { reportUnanswered } from './unanswered.js';

const NAMES = ['control_admin', 'control_read'] as const;

/** The questions about the users and groups of the control socket. */
export function* controlQuestions(defaults: Settings): Generator<NssQuestion> {
  for (const name of NAMES) for (const account of defaults[name]?.value ?? []) yield [account.kind, account.name];
}

/** The users and groups that may use the control socket, besides root and superd's own user; reports unknown names. */
export function resolveControl({ control_admin, control_read }: Settings, facts: NssFacts, findings: Findings): ControlPlan {
  return { admin: resolveUsers(control_admin, facts, findings), read: resolveUsers(control_read, facts, findings) };
}

function resolveUsers(setting: Setting<readonly Account[]> | undefined, facts: NssFacts, findings: Findings): ControlUsersPlan {
  const uids: number[] = [];
  const gids: number[] = [];
  for (const { kind, name } of setting?.value ?? []) {
    if (reportUnanswered(findings.at(setting!.origin), kind, [kind, name], facts)) continue;
    const number = kind === 'user' ? (facts.user(name)?.uid ?? name) : (facts.group(name)?.gid ?? name);
    if (typeof number === 'number') (kind === 'user' ? uids : gids).push(number);
    else findings.at(setting!.origin).error(`unknown-${kind}`, `unknown ${kind} ${number}; create it, or write another`);
  }
  return { uids, gids };
}
