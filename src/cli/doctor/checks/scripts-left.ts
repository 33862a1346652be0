import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyPid, hasVariable } from '../../../os/proc.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** What is of interest in the state document. */
interface Sections {
  readonly key?: unknown;
  readonly scripts?: { readonly left?: unknown };
}

/** Daemons of init scripts that superd no longer runs, and that go on since a superd was killed. */
export function scriptsLeft({ state }: Patient): readonly Finding[] {
  const { key, scripts } = state === null ? {} : sectionsOf(join(state, 'state.json'));
  const left = scripts?.left;
  if (typeof key !== 'string' || !Array.isArray(left)) return [];
  return left.flatMap((id: unknown) => {
    const pid = everyPid().find((one) => hasVariable(one, `SUPERD_SCRIPT=${key}/${id}`));
    return pid === undefined ? [] : [found(String(id), pid)];
  });
}

const found = (id: string, pid: number): Finding => ({
  severity: 'warning',
  code: 'script-left',
  place: id,
  problem: `superd no longer runs this init script, and its daemon goes on: process ${pid}`,
  remedy: `superctl enable --now ${id}, or end it by the script itself: service ${id} stop`,
});

/** Nothing where it cannot be read: that is another's to tell. */
function sectionsOf(path: string): Sections {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly sections?: Sections }).sections ?? {};
  } catch {
    return {};
  }
}
