import { runLater } from '../../guarded.js';
import { runsAs, startTimeOf } from '../../os/proc.js';
import { signalWanted } from '../../process/held-process.js';
import type { Instance } from '../../supervise/instance.js';
import { pidfilePid } from '../../supervise/process-ownership.js';
import { endable, findMarked, findRecorded, type MarkedProcess, markedProcesses } from './find.js';
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
  const marked = records.unclean ? markedProcesses(key) : new Map<string, MarkedProcess[]>();
  for (const { instances } of residents) {
    for (const instance of instances) {
      const others = marked.get(instance.key) ?? [];
      marked.delete(instance.key);
      if (adoptOne(instance, others, context)) continue;
      records.forget(instance.key);
      for (const one of endable(others, instance.plan.program.credentials.uid)) signal(one, 'SIGKILL');
    }
  }
  for (const [left, processes] of marked) endLeftBehind(left, processes, context);
}

function adoptOne(instance: Instance, marked: readonly MarkedProcess[], { records, adopted }: AdoptContext): boolean {
  const { uid } = instance.plan.program.credentials;
  const record = records.processOf(instance.key);
  const recorded = record === undefined ? null : findRecorded(record, uid, instance.variable);
  const found = recorded ?? findMarked(marked, uid, pidfilePid(instance));
  if (found === null || !instance.adopt(found)) return false;
  adopted(instance);
  return true;
}

/** Ends a daemon that the plan no longer has. */
function endLeftBehind(key: string, marked: readonly MarkedProcess[], { records, notice }: AdoptContext): void {
  const processes = endable(marked, records.processOf(key)?.uid ?? -1);
  records.forget(key);
  if (processes.length === 0) return;
  notice(`${key} (process ${processes.map(({ pid }) => pid).join(', ')}) is no longer in the configuration; superd ends it`);
  for (const one of processes) signal(one, 'SIGTERM');
  runLater(() => {
    for (const one of processes) signal(one, 'SIGKILL');
  }, LEFT_BEHIND_MS).unref();
}

/** Signals that process, never a later one with the same pid. */
function signal({ pid, startTime, uids }: MarkedProcess, name: NodeJS.Signals): void {
  signalWanted(pid, name, (facts) => runsAs(facts, uids.real) && startTimeOf(pid) === startTime);
}
