import { type Stat, statOf } from '../../os/proc.js';
import type { Instance } from '../../supervise/instance.js';
import { pidfilePid } from '../../supervise/process-ownership.js';
import { findMarked, findRecorded, markedProcesses } from './find.js';
import type { Records } from './records.js';
import type { Resident } from './resident.js';

/** How long one that is no longer known may take to obey TERM. */
const LEFT_BEHIND_MS = 10_000;

/** What taking over takes. */
export interface Adopter {
  readonly records: Records;
  /** Of this state, as the marks of its processes have it. */
  readonly key: string;
  readonly notice: (message: string) => void;
  /** It has a process from now on. */
  readonly adopted: (instance: Instance) => void;
}

/** Takes over what an earlier superd has left; what cannot be taken over is ended, so that nothing runs twice. */
export function adopt(residents: Iterable<Resident>, adopter: Adopter): void {
  const { records, key } = adopter;
  const marked = records.unclean ? markedProcesses(key) : new Map<string, Stat[]>();
  for (const { instances } of residents) {
    for (const instance of instances) {
      const others = marked.get(instance.key) ?? [];
      marked.delete(instance.key);
      if (adoptOne(instance, others, adopter)) continue;
      records.forget(instance.key);
      for (const { pid } of others) tell(pid, 'SIGKILL');
    }
  }
  for (const [left, processes] of marked) endLeftBehind(left, processes, adopter);
}

function adoptOne(instance: Instance, marked: readonly Stat[], { records, adopted }: Adopter): boolean {
  const { uid } = instance.plan.program.credentials;
  const record = records.processOf(instance.key);
  const recorded = record === undefined ? null : findRecorded(record, uid, instance.variable);
  const found = recorded ?? findMarked(marked, uid, pidfilePid(instance));
  if (found === null || !instance.adopt(found.pid, found.leader, found.ready)) return false;
  adopted(instance);
  return true;
}

/** Of a daemon that the configuration no longer knows. */
function endLeftBehind(key: string, processes: readonly Stat[], { records, notice }: Adopter): void {
  records.forget(key);
  const pids = processes.map(({ pid }) => pid);
  notice(`${key} (process ${pids.join(', ')}) is no longer in the configuration, and is ended`);
  for (const pid of pids) tell(pid, 'SIGTERM');
  setTimeout(() => {
    for (const { pid, startTime } of processes) if (statOf(pid)?.startTime === startTime) tell(pid, 'SIGKILL');
  }, LEFT_BEHIND_MS).unref();
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile.
  }
}
