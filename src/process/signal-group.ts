import { everyProcess, factsOf, type ProcessFacts } from '../os/proc.js';
import { signalGroupOfToken } from '../os/process.js';
import { type HeldProcess, signalWanted } from './held-process.js';
import { signalNumber } from './signals.js';

/** Lists the members of a group again: they may have forked meanwhile. */
const LOOKS = 3;

const [EPERM, ESRCH] = [1, 3];

/**
 * Signals the process group that a child of superd leads, as every server does, by the pidfd of the child.
 *
 * @param token The token of its start. After the child is reaped, no process gets the signal.
 */
export function signalChildGroup(pid: number, token: number, signal: NodeJS.Signals): void {
  try {
    if (signalGroupOfToken(token, signalNumber(signal)) === null) signalMembers(pid, signal);
  } catch (error) {
    // EPERM: without root, a server that has changed its user.
    if (![EPERM, ESRCH].includes(Math.abs((error as NodeJS.ErrnoException).errno ?? 0))) throw error;
  }
}

/** Signals the process group that a held process leads; the process alone when it leads none. */
export function signalHeldGroup(held: HeldProcess, signal: NodeJS.Signals): void {
  if (factsOf(held.pid)?.group === held.pid) signalMembers(held.pid, signal);
  else held.signal(signal);
}

/** Signals each member by a pidfd of its own. */
function signalMembers(group: number, signal: NodeJS.Signals): void {
  const isMember = (facts: ProcessFacts) => facts.group === group;
  const reached = new Set<number>();
  for (let i = 0; i < LOOKS; i++) {
    const fresh = everyProcess().filter((one) => isMember(one) && !one.zombie && !reached.has(one.pid));
    if (fresh.length === 0) return;
    for (const { pid } of fresh) {
      reached.add(pid);
      signalWanted(pid, signal, isMember);
    }
  }
}
