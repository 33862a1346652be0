import type { NssResult } from '../../os/binding.js';
import { lookUp } from '../../os/names.js';
import { ExpiringCache } from './expiring-cache.js';

const DEADLINE_MS = 5000;
/** How long superd remembers an account, and that there is none. */
const KNOWN_MS = 60_000;
const UNKNOWN_MS = 5000;
const MAX_IDENTITIES = 256;

/** The ids for the options `user` and `group`; null leaves that of the server. */
export interface Identity {
  readonly uid: number | null;
  readonly gid: number;
  readonly groups: readonly number[] | null;
}

/** Users with their groups, and groups, by name (hosts_options(5)), through nsswitch.conf(5), off the event loop. */
export class Identities {
  private readonly known = new ExpiringCache<Promise<Identity | string>>(MAX_IDENTITIES);

  /** A user with all its groups, a group alone, or a user with another group; a text for people when they cannot be looked up. Never rejects. */
  of(user: string | null, group: string | null): Promise<Identity | string> {
    const key = JSON.stringify([user, group]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const asking = find(user, group).then((identity) => {
      if (typeof identity === 'string') this.known.set(key, asking, UNKNOWN_MS);
      return identity;
    });
    this.known.set(key, asking, KNOWN_MS);
    return asking;
  }
}

async function find(user: string | null, group: string | null): Promise<Identity | string> {
  const [account, named] = await lookUp(
    [
      ['user', user ?? ''],
      ['group', group ?? ''],
    ],
    DEADLINE_MS,
  );
  const chosen = named?.kind === 'group' ? named.gid : null;
  if (group !== null && chosen === null) return absence(named);
  if (user === null) return chosen === null ? absence(named) : { uid: null, gid: chosen, groups: null };
  if (account?.kind !== 'user') return absence(account);
  const gid = chosen ?? account.gid;
  const [memberships] = await lookUp([['groups-of-user', account.name, gid]], DEADLINE_MS);
  return memberships?.kind === 'groups-of-user' ? { uid: account.uid, gid, groups: memberships.gids } : absence(memberships);
}

const absence = (result: NssResult | undefined) => (result?.kind === 'unanswered' ? 'the name service has not answered' : 'unknown');
