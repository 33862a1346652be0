import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Credentials } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

const EXECUTE = 1;

/** Servers that the user of their service may not execute. */
export function servers({ plan }: CheckContext): readonly Finding[] {
  if (plan === null) return [];
  const services = [...plan.services, ...plan.muxed].filter((one) => one.activation === 'request');
  return [...services, ...plan.daemons].flatMap(({ id, origin, program: { path, credentials } }) => {
    const barred = firstBarred(path, credentials);
    if (barred === null) return [];
    const what = barred === path ? `may not execute ${path}` : `cannot reach ${path}: it has no permission to enter ${barred}`;
    return [
      {
        severity: 'error',
        code: 'server-barred',
        place: placeOf(origin),
        problem: `the user of ${id} (uid ${credentials.uid}) ${what}`,
        remedy: `chmod ${barred === path ? 'a+rx' : 'a+x'} ${barred}, or another user`,
      },
    ];
  });
}

/** The first part of a path that the user may not execute or enter. */
function firstBarred(path: string, user: Credentials): string | null {
  if (user.uid === 0) return null;
  const parts = [path];
  for (let at = dirname(path); parts.at(-1) !== at; at = dirname(at)) parts.push(at);
  return parts.reverse().find((part) => !mayExecute(part, user)) ?? null;
}

/** By the mode alone; true for a missing file, which another check reports. */
function mayExecute(path: string, { uid, gid, groups }: Credentials): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  const shift = stat.uid === uid ? 6 : stat.gid === gid || groups.includes(stat.gid) ? 3 : 0;
  return ((stat.mode >> shift) & EXECUTE) !== 0;
}
