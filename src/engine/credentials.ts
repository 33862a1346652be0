import type { Credentials } from '../config/plan.js';
import { lookUp } from '../os/names.js';

const DEADLINE_MS = 5000;

/**
 * The credentials that the options `user` and `group` ask for, hosts_options(5): a user with its groups, a group alone, or both.
 *
 * @returns null when one of them is not known (any more).
 */
export async function credentialsOf(wanted: { readonly user: string | null; readonly group: string | null }, present: Credentials) {
  const [account, named] = await lookUp(
    [
      ['user', wanted.user ?? ''],
      ['group', wanted.group ?? ''],
    ],
    DEADLINE_MS,
  );
  const group = named?.kind === 'group' ? named.gid : null;
  if (wanted.group !== null && group === null) return null;
  if (wanted.user === null) return { ...present, gid: group ?? present.gid };
  if (account?.kind !== 'user') return null;
  const gid = group ?? account.gid;
  const [memberships] = await lookUp([['groups-of-user', account.name, gid]], DEADLINE_MS);
  return memberships?.kind === 'groups-of-user' ? { uid: account.uid, gid, groups: memberships.gids } : null;
}
