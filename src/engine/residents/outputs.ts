import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonPlan } from '../../config/plan.js';
import type { ServerSaid } from '../../report/event.js';
import { LineThrottle } from '../../report/line-throttle.js';
import { FileSink } from '../../report/log/file-sink.js';
import { createSerially } from '../../report/log/generations.js';
import type { Store } from '../../state/store.js';
import type { ReportContext, WatchContext } from '../context.js';
import { Output, Room, type TakeLines } from './output.js';
import { watchOn } from './watch.js';

/** Somebody whose output is kept. */
export interface Speaker {
  readonly key: string;
  readonly plan: Pick<DaemonPlan, 'id' | 'name' | 'output' | 'outputKeep'> & { readonly program: Pick<DaemonPlan['program'], 'stderr'> };
}

/** Where the output of every daemon comes from and goes to. */
export class Outputs {
  private readonly open = new Map<string, Output>();
  private readonly files = new Map<string, FileSink>();
  private readonly room = new Room();
  private readonly serially = createSerially();
  private readonly runDirectory: string | null;
  private readonly logDirectory: string | null;

  constructor(
    private readonly context: ReportContext & WatchContext,
    { directory }: Store,
  ) {
    this.runDirectory = directory === null ? null : join(directory, 'run');
    this.logDirectory = directory === null ? null : join(directory, 'log');
    for (const path of [this.runDirectory, this.logDirectory]) if (path !== null) mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  /** Descriptors 1 and 2 of an instance's next start, to be given away. */
  descriptors(instance: Speaker): { output: number; errors: number } {
    const { plan } = instance;
    const apart = plan.program.stderr;
    const output = plan.output.kind === 'null' ? nowhere() : this.outputOf(instance).descriptor();
    if (apart === 'client') return { output, errors: output };
    return { output, errors: apart === 'null' ? nowhere() : this.errorsOf(instance).descriptor() };
  }

  /** Hears an instance that runs already. */
  resume(instance: Speaker): void {
    const { output, program } = instance.plan;
    if (output.kind !== 'null') this.outputOf(instance);
    if (program.stderr === 'log') this.errorsOf(instance);
  }

  /** Takes in the last words of an instance; with `forget` there will be no more of it. */
  drain(instance: Speaker): void {
    for (const suffix of ['out', 'err']) this.open.get(`${instance.key}.${suffix}`)?.drain();
  }

  forget(instance: Speaker): void {
    for (const suffix of ['out', 'err']) {
      const name = `${instance.key}.${suffix}`;
      this.open.get(name)?.close('for-good');
      this.open.delete(name);
    }
  }

  /** What SIGHUP asks for. */
  reopen(): void {
    for (const file of this.files.values()) file.reopen();
  }

  close(end: 'for-good' | 'for-the-next'): void {
    for (const output of this.open.values()) output.close(end);
    for (const file of this.files.values()) file.close();
    this.room.close();
    this.open.clear();
    this.files.clear();
  }

  /** The file that has what a daemon writes; null where it goes elsewhere. */
  pathOf({ id, output }: Speaker['plan']): string | null {
    if (output.kind !== 'file') return null;
    return output.path ?? (this.logDirectory === null ? null : join(this.logDirectory, `${fileName(id)}.log`));
  }

  private outputOf(instance: Speaker): Output {
    return this.opened(instance, 'out', this.takerOf(instance.plan));
  }

  private errorsOf(instance: Speaker): Output {
    return this.opened(instance, 'err', this.logTaker(instance.plan, 'stderr'));
  }

  private opened(instance: Speaker, suffix: string, take: TakeLines): Output {
    const name = `${instance.key}.${suffix}`;
    let output = this.open.get(name);
    if (output === undefined) {
      const path = this.runDirectory === null ? null : join(this.runDirectory, fileName(name));
      output = new Output(path, watchOn(this.context), this.room, take);
      this.open.set(name, output);
    } else output.take = take;
    return output;
  }

  private takerOf(plan: Speaker['plan']): TakeLines {
    const { output } = plan;
    const path = this.pathOf(plan);
    if (output.kind !== 'file' || path === null) return this.logTaker(plan, 'stdout');
    // Opened with the first line: most daemons say little.
    return (lines) => {
      const file = this.fileAt(path, output.size, plan.outputKeep);
      file.write(lines);
      // At once: they are taken out of the pipe next.
      file.flush();
    };
  }

  private fileAt(path: string, hard: number, keep: number): FileSink {
    const limits = { soft: Number.POSITIVE_INFINITY, hard, keep };
    const known = this.files.get(path);
    if (known !== undefined) {
      known.configure(limits, lossLine);
      return known;
    }
    const { emit } = this.context;
    const file = new FileSink({ path, limits, lossLine, report: emit, serially: this.serially });
    this.files.set(path, file);
    return file;
  }

  private logTaker({ id, name }: Speaker['plan'], stream: ServerSaid['stream']): TakeLines {
    const { emit, now } = this.context;
    const say = (text: string) => emit({ type: 'server-said', at: now(), service: { id, name }, stream, text });
    const throttle = new LineThrottle(now, say);
    return (lines) => {
      for (const text of lines.split('\n').slice(0, -1)) if (throttle.admit()) say(text.slice(0, 1000));
    };
  }
}

const lossLine = ({ lines, problem }: { readonly lines: number; readonly problem: string }) =>
  `(superd: ${lines} lines lost: ${problem})\n`;

function nowhere(): number {
  return openSync('/dev/null', 'r+');
}

/** Ids may hold what names of files may not. */
function fileName(text: string): string {
  return text.replace(/^\.|[^\w.@-]/g, (char) => (char === '/' ? '.' : `%${char.charCodeAt(0).toString(16)}`));
}
