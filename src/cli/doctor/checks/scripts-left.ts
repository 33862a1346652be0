import { join } from 'node:path';
import { everyPid, withVariable } from '../../../os/proc.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';
import { readIfPresent } from '../read-if-present.js';

/** The sections of the state document that matter here. */
interface Sections {
  readonly key?: unknown;
  readonly scripts?: { readonly left?: unknown };
}

/** Daemons of init scripts that a killed superd left running and that the present configuration no longer runs. */
export function scriptsLeft({ state }: CheckContext): readonly Finding[] {
  const { key, scripts } = state === null ? {} : sectionsOf(join(state, 'state.json'));
  const left = scripts?.left;
  if (typeof key !== 'string' || !Array.isArray(left)) return [];
  return left.flatMap((id: unknown) => {
    const [pid] = withVariable(everyPid(), `SUPERD_SCRIPT=${key}/${id}`);
    return pid === undefined ? [] : [leftRunning(String(id), pid)];
  });
}

const leftRunning = (id: string, pid: number): Finding => ({
  severity: 'warning',
  code: 'script-left',
  place: id,
  problem: `superd no longer runs this init script, but its daemon is still running: process ${pid}`,
  remedy: `superctl enable --now ${id}, or stop it with the script itself: service ${id} stop`,
});

/** Empty when the document cannot be read: another check reports that. */
function sectionsOf(path: string): Sections {
  try {
    return (JSON.parse(readIfPresent(path)) as { readonly sections?: Sections }).sections ?? {};
  } catch {
    return {};
  }
}
