import { SystemError } from '../../errors.js';
import type { NssResult } from '../../os/binding.js';
import { lookUp } from '../../os/names.js';
import { execve, getResourceLimit, setResourceLimit } from '../../os/process.js';
import type { ProcessSettings } from './effects.js';

const RLIMIT_NOFILE = 7;
const NAMES_MS = 30_000;

/** Variables for tcpd itself, which the server must not inherit. */
const OURS = /^(?:SUPERD_NOFILE|NODE_.*)$/;

export const serverEnvironment = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !OURS.test(entry[0])));

/** Turns this process into the server. @throws SystemError when it cannot. */
export async function become(path: string, argv: readonly string[], { environment, credentials }: ProcessSettings): Promise<never> {
  restoreDescriptorLimit(process.env['SUPERD_NOFILE']);
  for (const { user, group } of credentials) await assume(user, group);
  return execve(
    path,
    argv,
    Object.entries(environment).map(([name, value]) => `${name}=${value}`),
  );
}

/** Node raises its own limit; the server gets the one that tcpd was started with. */
function restoreDescriptorLimit(text: string | undefined): void {
  const soft = text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
  if (text !== undefined && soft >= 0) setResourceLimit(RLIMIT_NOFILE, soft, getResourceLimit(RLIMIT_NOFILE)[1]);
}

/**
 * Takes the ids and groups of a user; the groups first, because only root may change them.
 *
 * @throws SystemError when the user or the group cannot be looked up: the server must not run with the rights of tcpd instead.
 */
async function assume(user: string | null, group: string | null): Promise<void> {
  const [account, named] = await lookUp(
    [
      ['user', user ?? ''],
      ['group', group ?? ''],
    ],
    NAMES_MS,
  );
  if (user !== null && account?.kind !== 'user') throw unknown('getpwnam', user, account);
  if (group !== null && named?.kind !== 'group') throw unknown('getgrnam', group, named);
  const gid = named?.kind === 'group' ? named.gid : account?.kind === 'user' ? account.gid : null;
  if (account?.kind === 'user') {
    const [memberships] = await lookUp([['groups-of-user', account.name, gid ?? account.gid]], NAMES_MS);
    if (memberships?.kind !== 'groups-of-user') throw unknown('getgrouplist', account.name, memberships);
    process.setgroups!([...memberships.gids]);
  }
  if (gid !== null) process.setgid!(gid);
  if (account?.kind === 'user') process.setuid!(account.uid);
}

function unknown(call: string, name: string, result: NssResult | undefined): SystemError {
  const ENOENT = 2;
  return new SystemError(call, result?.kind === 'unanswered' ? result.errno : ENOENT, name);
}
