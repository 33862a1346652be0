import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
    const pid = processMarked(`SUPERD_SCRIPT=${key}/${id}`);
    return pid === null ? [] : [found(String(id), pid)];
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

function processMarked(variable: string): number | null {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.find((pid) => isMarked(pid, variable)) ?? null;
}

function isMarked(pid: number, variable: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${variable}\0`);
  } catch {
    return false;
  }
}
