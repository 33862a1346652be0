import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Credentials } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

const EXECUTE = 1;

/** Servers that may be executed, but not by the user of their service. */
export function servers({ plan }: Patient): readonly Finding[] {
  if (plan === null) return [];
  const services = [...plan.services, ...plan.muxed].filter((one) => one.activation === 'request');
  return [...services, ...plan.daemons].flatMap(({ id, origin, program: { path, credentials } }) => {
    const barred = firstBarred(path, credentials);
    if (barred === null) return [];
    const what = barred === path ? `may not execute ${path}` : `cannot reach ${path}: ${barred} does not let it through`;
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

/** The first part of a path that keeps somebody from executing what it names. */
function firstBarred(path: string, who: Credentials): string | null {
  if (who.uid === 0) return null;
  const parts = [path];
  for (let at = dirname(path); parts.at(-1) !== at; at = dirname(at)) parts.push(at);
  return parts.reverse().find((part) => !mayExecute(part, who)) ?? null;
}

/** As the mode says; a file that is not there is told of elsewhere. */
function mayExecute(path: string, { uid, gid, groups }: Credentials): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  const shift = stat.uid === uid ? 6 : stat.gid === gid || groups.includes(stat.gid) ? 3 : 0;
  return ((stat.mode >> shift) & EXECUTE) !== 0;
}
