import { runLater } from '../../guarded.js';
import { type Stat, statOf } from '../../os/proc.js';
import type { Instance } from '../../supervise/instance.js';
import { pidfilePid } from '../../supervise/process-ownership.js';
import { findMarked, findRecorded, markedProcesses } from './find.js';
import type { Records } from './records.js';
import type { Resident } from './resident.js';

/** How long a daemon that the plan no longer has may take to obey SIGTERM. */
const LEFT_BEHIND_MS = 10_000;

/** What adoption needs. */
export interface AdoptContext {
  readonly records: Records;
  /** Identifies the state directory in the environment of its processes. */
  readonly key: string;
  readonly notice: (message: string) => void;
  /** The instance has a main process from now on. */
  readonly adopted: (instance: Instance) => void;
}

/** Adopts the daemons that an earlier superd has left. Ends those that it cannot adopt, so that no daemon runs twice. */
export function adopt(residents: Iterable<Resident>, context: AdoptContext): void {
  const { records, key } = context;
  const marked = records.unclean ? markedProcesses(key) : new Map<string, Stat[]>();
  for (const { instances } of residents) {
    for (const instance of instances) {
      const others = marked.get(instance.key) ?? [];
      marked.delete(instance.key);
      if (adoptOne(instance, others, context)) continue;
      records.forget(instance.key);
      for (const { pid } of others) signal(pid, 'SIGKILL');
    }
  }
  for (const [left, processes] of marked) endLeftBehind(left, processes, context);
}

function adoptOne(instance: Instance, marked: readonly Stat[], { records, adopted }: AdoptContext): boolean {
  const { uid } = instance.plan.program.credentials;
  const record = records.processOf(instance.key);
  const recorded = record === undefined ? null : findRecorded(record, uid, instance.variable);
  const found = recorded ?? findMarked(marked, uid, pidfilePid(instance));
  if (found === null || !instance.adopt(found.pid, found.leader, found.ready)) return false;
  adopted(instance);
  return true;
}

/** Ends a daemon that the plan no longer has. */
function endLeftBehind(key: string, processes: readonly Stat[], { records, notice }: AdoptContext): void {
  records.forget(key);
  const pids = processes.map(({ pid }) => pid);
  notice(`${key} (process ${pids.join(', ')}) is no longer in the configuration; superd ends it`);
  for (const pid of pids) signal(pid, 'SIGTERM');
  runLater(() => {
    for (const { pid, startTime } of processes) if (statOf(pid)?.startTime === startTime) signal(pid, 'SIGKILL');
  }, LEFT_BEHIND_MS).unref();
}

function signal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
