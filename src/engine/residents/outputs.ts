import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../../clock.js';
import type { DaemonPlan } from '../../config/plan.js';
import type { ServerSaid } from '../../report/event.js';
import { LineThrottle } from '../../report/line-throttle.js';
import { FileSink } from '../../report/log/file-sink.js';
import { createSerially } from '../../report/log/generations.js';
import { closeTogether, flushTogether, PATIENCE_MS, reopenTogether } from '../../report/log/sinks-together.js';
import type { Store } from '../../state/store.js';
import type { OutputContext } from '../context.js';
import { DaemonOutput, type Destination, type OutputEnd } from './output.js';
import { PipePeek } from './pipe-peek.js';
import { watchOn } from './watch.js';

/** A daemon or an init script whose output superd reads. */
export interface OutputSource {
  readonly key: string;
  readonly plan: Pick<DaemonPlan, 'id' | 'name' | 'output' | 'outputKeep'> & { readonly program: Pick<DaemonPlan['program'], 'stderr'> };
}

/** The pipes and the files of the output of all daemons. */
export class Outputs {
  private readonly open = new Map<string, DaemonOutput>();
  /** Outputs of removed instances, until their files have taken all lines. */
  private readonly finishing = new Set<DaemonOutput>();
  private readonly files = new Map<string, FileSink>();
  private readonly peek = new PipePeek();
  private readonly serially = createSerially();
  private readonly runDirectory: string | null;
  private readonly logDirectory: string | null;

  constructor(
    private readonly context: OutputContext,
    { directory }: Store,
  ) {
    this.runDirectory = directory === null ? null : join(directory, 'run');
    this.logDirectory = directory === null ? null : join(directory, 'log');
    for (const path of [this.runDirectory, this.logDirectory]) if (path !== null) mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  /** Descriptors 1 and 2 of the next start, which the caller gives away. */
  descriptors(instance: OutputSource): { output: number; errors: number } {
    const { plan } = instance;
    const { stderr } = plan.program;
    const output = plan.output.kind === 'null' ? openNull() : this.outputOf(instance).descriptor();
    if (stderr === 'client') return { output, errors: output };
    return { output, errors: stderr === 'null' ? openNull() : this.errorsOf(instance).descriptor() };
  }

  /** Reads the output of an instance that runs already. */
  resume(instance: OutputSource): void {
    const { output, program } = instance.plan;
    if (output.kind !== 'null') this.outputOf(instance);
    if (program.stderr === 'log') this.errorsOf(instance);
  }

  /** Reads what is left in the pipes of an instance that has ended. */
  drain(instance: OutputSource): void {
    for (const suffix of ['out', 'err']) this.open.get(`${instance.key}.${suffix}`)?.drain();
  }

  forget(instance: OutputSource): void {
    for (const suffix of ['out', 'err']) {
      const name = `${instance.key}.${suffix}`;
      const output = this.open.get(name);
      if (output === undefined) continue;
      this.open.delete(name);
      this.finishing.add(output);
      output.finish(() => this.finishing.delete(output));
    }
  }

  /** On SIGHUP. */
  reopen(): void {
    reopenTogether([...this.files.values()]);
  }

  /** Writes out what is left, and waits 0.5 s at most for the files. */
  close(end: OutputEnd): void {
    const until = monotonicMs() + PATIENCE_MS;
    const [outputs, files] = [[...this.open.values(), ...this.finishing], [...this.files.values()]];
    const drain = () => outputs.filter((output) => output.drain()).length > 0;
    while (drain() && monotonicMs() < until) flushTogether(files, until);
    for (const output of outputs) output.writeRest();
    closeTogether(files, until);
    for (const output of this.open.values()) output.close(end);
    this.peek.close();
    this.open.clear();
    this.files.clear();
  }

  /** The file of the output; null when it goes elsewhere. */
  pathOf({ id, output }: OutputSource['plan']): string | null {
    if (output.kind !== 'file') return null;
    return output.path ?? (this.logDirectory === null ? null : join(this.logDirectory, `${fileName(id)}.log`));
  }

  private outputOf(instance: OutputSource): DaemonOutput {
    return this.opened(instance, 'out', this.writerOf(instance.plan));
  }

  private errorsOf(instance: OutputSource): DaemonOutput {
    return this.opened(instance, 'err', this.logWriter(instance.plan, 'stderr'));
  }

  private opened(instance: OutputSource, suffix: string, to: Destination): DaemonOutput {
    const name = `${instance.key}.${suffix}`;
    let output = this.open.get(name);
    if (output === undefined) {
      const path = this.runDirectory === null ? null : join(this.runDirectory, fileName(name));
      const broken = (error: Error) =>
        this.context.notice('error', `${name}: its output cannot be read until its next start: ${error.message}`);
      output = new DaemonOutput({ path, watch: watchOn(this.context), peek: this.peek, pace: this.context.pace, to, broken });
      this.open.set(name, output);
    } else output.writeTo(to);
    return output;
  }

  private writerOf(plan: OutputSource['plan']): Destination {
    const { output } = plan;
    const path = this.pathOf(plan);
    if (output.kind !== 'file' || path === null) return this.logWriter(plan, 'stdout');
    // Opened with the first line, since most daemons write little.
    const files = this.files;
    return {
      write: (lines) => {
        const file = this.fileAt(path, output.size, plan.outputKeep);
        file.write(lines);
        // Begins at once, and waits for nothing.
        file.flush(0);
      },
      get isReady() {
        return files.get(path)?.isReady ?? true;
      },
      whenReady: (then) => this.fileAt(path, output.size, plan.outputKeep).whenReady(then),
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

  private logWriter({ id, name }: OutputSource['plan'], stream: ServerSaid['stream']): Destination {
    const { emit, now } = this.context;
    const report = (text: string) => emit({ type: 'server-said', at: now(), service: { id, name }, stream, text });
    const throttle = new LineThrottle(now, report);
    return {
      write: (lines) => {
        for (const text of lines.split('\n').slice(0, -1)) if (throttle.admit()) report(text.slice(0, 1000));
      },
      isReady: true,
      whenReady: (then) => {
        then();
        return () => {};
      },
    };
  }
}

const lossLine = ({ lines, problem }: { readonly lines: number; readonly problem: string }) =>
  `(superd: ${lines} lines lost: ${problem})\n`;

function openNull(): number {
  return openSync('/dev/null', 'r+');
}

/** Encodes the characters of an id that a file name should not have. */
function fileName(text: string): string {
  return text.replace(/^\.|[^\w.@-]/g, (char) => (char === '/' ? '.' : `%${char.charCodeAt(0).toString(16)}`));
}
