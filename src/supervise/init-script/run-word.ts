import { closeSync, fstatSync, openSync } from 'node:fs';
import type { ScriptPlan } from '../../config/plan.js';
import { describeErrno } from '../../errors.js';
import type { SpawnStep } from '../../os/binding.js';
import { statOf } from '../../os/proc.js';
import { launchWith, prepareProgram } from '../../process/launch.js';
import type { ProcessWatcher } from '../../process/reaper.js';
import type { ExitStatus } from '../../report/event.js';
import type { SuperviseContext } from '../context.js';
import { membersOf, type Roots } from '../tree.js';
import type { Word } from './lsb.js';

/** Between TERM and KILL, for a script that has taken too long. */
const GRACE_MS = 1000;

/** Somebody waits for the answer. */
const STATUS_MS = 30_000;

const OTHERS_WRITE = 0o022;

export interface WordRun {
  readonly plan: ScriptPlan;
  readonly word: Word;
  /** `NAME=value` that marks what comes from it. */
  readonly variable: string;
  /** Its output, to be given away. */
  readonly output: number;
  readonly context: Pick<SuperviseContext, 'reaper' | 'inheritance'>;
}

/** What became of it; `problem` where there is no exit status to tell. */
export type WordEnd = { readonly status: number } | { readonly problem: string };

/**
 * Runs an init script with one word to its end, or to its deadline, after which all that comes from it is ended. Never rejects.
 *
 * @returns its exit status.
 */
export function runWord(run: WordRun): Promise<WordEnd> {
  const { plan, word, output, variable, context } = run;
  return new Promise((resolve) => {
    try {
      checkScript(plan);
      const nowhere = openSync('/dev/null', 'r');
      const prepared = prepareProgram({ ...plan.program, argv: [plan.program.path, word] }, context.inheritance);
      launchWith(prepared, [nowhere, output, output], [variable], context.reaper, new Running(run, resolve));
    } catch (error) {
      closeSync(output);
      resolve({ problem: (error as Error).message });
    }
  });
}

/** Whoever can write a script could have root run anything. */
function checkScript({ program }: ScriptPlan): void {
  const fd = openSync(program.path, 'r');
  const { uid, mode } = fstatSync(fd);
  closeSync(fd);
  if (![0, process.geteuid?.()].includes(uid) || (mode & OTHERS_WRITE) !== 0)
    throw new Error(`${program.path}: not run, for others than root can write it; chown root, chmod go-w`);
}

class Running implements ProcessWatcher {
  private deadline: NodeJS.Timeout | null = null;
  private late = false;
  private roots: Roots | null = null;

  constructor(
    private readonly run: WordRun,
    private readonly settle: (end: WordEnd) => void,
  ) {}

  started(pid: number): void {
    const { word, variable } = this.run;
    // What runs already is marked as well, and is not to suffer from a status that hangs.
    const own = word === 'start' || word === 'restart' ? variable : 'SUPERD_SCRIPT=';
    this.roots = { main: pid, leaders: [{ pid, startTime: statOf(pid)?.startTime ?? 0 }], variable: own };
    if (this.timeoutMs > 0) this.deadline = setTimeout(() => this.tooLate(), this.timeoutMs);
  }

  failed(step: SpawnStep, errno: number): void {
    const [code, text] = describeErrno(errno);
    this.settle({ problem: `${step} ${this.run.plan.program.path}: ${text} (${code})` });
  }

  ended(exit: ExitStatus): void {
    if (this.deadline !== null) clearTimeout(this.deadline);
    if (this.late) {
      this.tell('SIGKILL');
      this.settle({ problem: `${this.run.word}: the script took longer than ${this.timeoutMs / 1000} s and was ended` });
    } else if (exit.kind === 'exited') this.settle({ status: exit.status });
    else this.settle({ problem: `${this.run.word}: the script was killed by signal ${exit.signal}` });
  }

  /** 0 is none. */
  private get timeoutMs(): number {
    const { timeoutMs } = this.run.plan;
    return this.run.word === 'status' ? Math.min(timeoutMs === 0 ? STATUS_MS : timeoutMs, STATUS_MS) : timeoutMs;
  }

  private tooLate(): void {
    this.late = true;
    this.tell('SIGTERM');
    this.deadline = setTimeout(() => this.tell('SIGKILL'), GRACE_MS);
  }

  private tell(signal: NodeJS.Signals): void {
    for (const { pid } of this.roots === null ? [] : membersOf(this.roots)) {
      try {
        process.kill(pid, signal);
      } catch {
        // Gone meanwhile.
      }
    }
  }
}
