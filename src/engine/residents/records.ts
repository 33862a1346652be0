import { bootId, executableOf } from '../../os/proc.js';
import type { StateSection } from '../../state/document.js';
import type { Store } from '../../state/store.js';
import type { Instance } from '../../supervise/instance.js';
import type { Leader } from '../../supervise/tree.js';

/** What identifies a main process to the next superd; another process may have its pid by then. */
export interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks since boot, proc(5). */
  readonly startTime: number;
  readonly executable: string;
  /** The user of the daemon; documents of earlier versions lack it. */
  readonly uid?: number;
  readonly leader: Leader;
  readonly ready: boolean;
}

interface SavedDaemons {
  /** superd runs now, or was killed. */
  readonly running: boolean;
  readonly boot: string;
  readonly processes: Readonly<Record<string, ProcessRecord>>;
}

/** What superd records of daemons for the next superd. */
export class Records {
  private readonly section: StateSection<SavedDaemons>;
  private readonly boot = bootId();
  private readonly processes = new Map<string, ProcessRecord>();

  private running = true;
  /** An earlier superd was killed since the machine has booted. */
  readonly unclean: boolean;

  constructor(private readonly store: Store) {
    this.section = store.section('daemons', readSaved);
    const { running, boot, processes } = this.section.value;
    this.unclean = running && boot === this.boot;
    if (boot === this.boot) for (const [key, record] of Object.entries(processes)) this.processes.set(key, record);
  }

  /** Before the first start: from now on, a superd that is killed leaves daemons behind. */
  begin(): void {
    this.save();
    this.store.flush();
  }

  /** All daemons have ended. */
  end(): void {
    this.running = false;
    this.save();
  }

  /** Recorded since the machine has booted. */
  processOf(key: string): ProcessRecord | undefined {
    return this.processes.get(key);
  }

  get all(): ReadonlyMap<string, ProcessRecord> {
    return this.processes;
  }

  forget(key: string): void {
    if (this.processes.delete(key)) this.save();
  }

  keep(instance: Instance): void {
    const { key, state, processes } = instance;
    const main = processes?.main ?? null;
    const leader = processes?.leader ?? null;
    if (main === null || leader === null) this.processes.delete(key);
    else {
      const { pid, startTime } = main;
      const { uid } = instance.plan.program.credentials;
      this.processes.set(key, { pid, startTime, executable: executableOf(pid), uid, leader, ready: state === 'running' });
    }
    this.save();
  }

  private save(): void {
    this.section.set(this.saved());
  }

  /** Its lists are built when the document is written: with hundreds of daemons, building them at every change would cost too much. */
  private saved(): SavedDaemons {
    const { running, boot, processes } = this;
    return {
      running,
      boot,
      get processes() {
        return Object.fromEntries(processes);
      },
    };
  }
}

/** Ignores parts that are malformed: the file may hold anything. */
function readSaved(value: unknown): SavedDaemons {
  const { running, boot, processes } = object(value);
  return {
    running: running === true,
    boot: typeof boot === 'string' ? boot : '',
    processes: Object.fromEntries(
      Object.entries(object(processes)).filter((entry): entry is [string, ProcessRecord] => isRecord(entry[1])),
    ),
  };
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function isRecord(value: unknown): value is ProcessRecord {
  const { pid, startTime, executable, uid = 0, leader, ready } = object(value);
  const { pid: leaderPid, startTime: leaderStart } = object(leader);
  const numbers = [pid, startTime, uid, leaderPid, leaderStart];
  return (
    numbers.every((one) => Number.isInteger(one) && (one as number) >= 0) && typeof executable === 'string' && typeof ready === 'boolean'
  );
}
