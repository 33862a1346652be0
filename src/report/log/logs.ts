import { resolve } from 'node:path';
import type { LogPlan, LogSink, ServicePlan } from '../../config/plan.js';
import { inBackground } from '../../guarded.js';
import { renderEvent } from '../console.js';
import type { Event, EventSink, Notice } from '../event.js';
import { FileSink } from './file-sink.js';
import { createSerially } from './generations.js';
import { createJsonLines } from './json-line.js';
import type { LineSink, LossLine } from './line-sink.js';
import { type FileLimits, unlimited } from './log-file.js';
import { type Privacy, PrivateAddresses } from './private-address.js';
import { programLine } from './program-line.js';
import { isSessionEvent, type SessionEvent } from './session-line.js';
import { closeTogether, flushTogether, reopenTogether } from './sinks-together.js';
import { type DatagramSend, priority, SyslogSink } from './syslog-sink.js';
import { openTerminal } from './terminal-sink.js';
import { createProgramPrefix, createServicePrefix, xinetdLine, xinetdLossLine, xinetdTrafficLine } from './xinetd-line.js';

/** The destination of superd's own messages. */
export type ProgramLog =
  | { readonly kind: 'syslog'; readonly facility: string }
  | { readonly kind: 'file'; readonly path: string }
  /** Standard error: every event as one line for people. */
  | { readonly kind: 'terminal'; readonly color: boolean };

export interface LogsOptions {
  readonly program: ProgramLog;
  readonly send: DatagramSend;
  /** The socket of the syslog daemon, usually `/dev/log`. */
  readonly syslogPath: string;
  /** The name before the process id in syslog tags and in the program log: `superd`, or `xinetd` for scripts that expect it. */
  readonly name: string;
  /** Receives events about the logs themselves, from `configure` on. The caller may pass them to `sink`. */
  readonly report: EventSink;
}

/** How to log the session events of a service. */
interface ServiceLog {
  readonly write: (event: SessionEvent) => void;
  readonly wrappers: string | null;
  /** Whether the service has its own log; otherwise the output of its servers goes to the program log. */
  readonly logs: boolean;
  readonly privacy: Privacy | null;
}

interface WantedFile {
  readonly limits: FileLimits;
  readonly lossLine: LossLine;
}

/**
 * All logs of superd. Each file and the syslog socket is opened once, however many services write to it.
 *
 * @example
 * const logs = new Logs({ program: { kind: 'file', path: '/var/log/superd.log' }, send, syslogPath: '/dev/log', name: 'superd', report });
 * logs.configure([]); // opens the program log
 * logs.configure(plan.services);
 * logs.sink(event);
 */
export class Logs {
  readonly #files = new Map<string, FileSink>();
  readonly #serially = createSerially();
  readonly #json = createJsonLines();
  readonly #servicePrefix = createServicePrefix();
  /** Absolute, because the working directory changes. */
  readonly #programPath: string | null;
  readonly #programPrefix: (at: number) => string;
  readonly #syslog: SyslogSink;
  readonly #writeProgram: (event: Event, wrappers: string | null) => void;
  readonly #terminal: LineSink | null;
  #private: PrivateAddresses | null = null;
  #privacy: Privacy | null = null;
  #targets: ReadonlyMap<string, ServiceLog> = new Map();

  constructor(private readonly options: LogsOptions) {
    this.#programPath = options.program.kind === 'file' ? resolve(options.program.path) : null;
    this.#programPrefix = createProgramPrefix(options.name, process.pid);
    this.#syslog = this.#openSyslog();
    this.#terminal = options.program.kind === 'terminal' ? openTerminal(options.report, this.#serially) : null;
    this.#writeProgram = this.#programWriter(options.program);
  }

  /** Receives every event; bound, so that it can be passed as a callback. */
  readonly sink: EventSink = (original) => {
    const target = 'service' in original && original.service !== null ? this.#targets.get(original.service.id) : undefined;
    const privacy = target === undefined ? this.#privacy : target.privacy;
    const event = privacy === null || this.#private === null ? original : this.#private.mask(original, privacy);
    if (target !== undefined && isSessionEvent(event)) target.write(event);
    if (event.type === 'server-said' && target?.logs === true && this.#terminal === null) return;
    this.#writeProgram(event, target?.wrappers ?? null);
  };

  /** Applies the log attributes of a plan: opens new files, keeps those still in use, and closes the others. */
  configure(services: readonly ServicePlan[]): void {
    const wanted = this.#wantedFiles(services);
    for (const [path, file] of wanted) {
      const open = this.#files.get(path);
      if (open === undefined) this.#files.set(path, this.#openFile(path, file));
      else open.configure(file.limits, file.lossLine);
    }
    this.flushSync();
    const targets = new Map<string, ServiceLog>();
    for (const service of services) if (!targets.has(service.id)) targets.set(service.id, this.#targetOf(service));
    this.#targets = targets;
    this.#keepPrivate(services);
    for (const [path, file] of this.#files) {
      if (wanted.has(path)) continue;
      this.#files.delete(path);
      file.close();
    }
  }

  /** Messages about no particular service hide addresses as soon as one service does. */
  #keepPrivate(services: readonly ServicePlan[]): void {
    const wanted = new Set(services.flatMap(({ log }) => log.address ?? []));
    this.#privacy = wanted.has('hash') ? 'hash' : wanted.has('prefix') ? 'prefix' : null;
    if (this.#privacy === null) return;
    this.#private ??= new PrivateAddresses();
    if (this.#privacy === 'hash') inBackground(this.#private.prepare());
  }

  /** For SIGHUP, after the files have been renamed. */
  reopen(): void {
    reopenTogether([...this.#files.values()]);
    this.#syslog.flush();
  }

  /** Writes the buffered lines; the last call before the process exits, for whatever reason. */
  flushSync(): void {
    flushTogether([...this.#files.values(), ...(this.#terminal === null ? [] : [this.#terminal])]);
    this.#syslog.flush();
  }

  close(): void {
    closeTogether([...this.#files.values(), ...(this.#terminal === null ? [] : [this.#terminal])]);
    this.#files.clear();
    this.#syslog.close();
  }

  #wantedFiles(services: readonly ServicePlan[]): Map<string, WantedFile> {
    const wanted = new Map<string, WantedFile>();
    const owners = new Map<string, ServicePlan>();
    for (const service of services) {
      const { sink } = service.log;
      if (sink?.kind !== 'file') continue;
      const path = resolve(sink.path);
      const owner = owners.get(path);
      if (owner !== undefined) this.#warnIfOtherLimits(path, owner, service);
      else {
        owners.set(path, service);
        wanted.set(path, { limits: sink, lossLine: this.#lossLine(sink.format) });
      }
    }
    const program = this.#programPath;
    if (program !== null && !wanted.has(program)) wanted.set(program, { limits: unlimited, lossLine: this.#programLossLine });
    return wanted;
  }
  #warnIfOtherLimits(path: string, owner: ServicePlan, service: ServicePlan): void {
    const [first, other] = [owner.log.sink, service.log.sink];
    if (first?.kind !== 'file' || other?.kind !== 'file') return;
    if (first.soft === other.soft && first.hard === other.hard && first.keep === other.keep) return;
    this.#notice('warning', `services ${owner.id} and ${service.id} give ${path} different limits; those of ${owner.id} hold`);
  }

  #openFile(path: string, { limits, lossLine }: WantedFile): FileSink {
    return new FileSink({ path, limits, lossLine, report: this.options.report, serially: this.#serially });
  }

  #targetOf(service: ServicePlan): ServiceLog {
    return {
      write: this.#writerOf(service.log),
      wrappers: service.gate.wrappers,
      logs: service.log.sink !== null,
      privacy: service.log.address ?? null,
    };
  }

  #writerOf(log: LogPlan): EventWriter {
    const { sink } = log;
    if (sink === null) return () => {};
    const renders =
      sink.format === 'json' ? [this.#json.line] : log.onSuccess.has('TRAFFIC') ? [xinetdTrafficLine, xinetdLine] : [xinetdLine];
    const writers = renders.map((render) => this.#writerWith(log, sink, render));
    const [first, second] = writers as [EventWriter, EventWriter?];
    if (second === undefined) return first;
    return (event) => {
      first(event);
      second(event);
    };
  }

  #writerWith(log: LogPlan, sink: LogSink, render: Render): EventWriter {
    if (sink.kind === 'syslog') return this.#syslogWriter(log, priority(sink.facility, sink.level), render);
    return this.#fileWriter(log, this.#files.get(resolve(sink.path))!, sink.format === 'json' ? () => '' : this.#servicePrefix, render);
  }

  #fileWriter(log: LogPlan, file: LineSink, prefix: (at: number) => string, render: Render): (event: SessionEvent) => void {
    return (event) => {
      const line = render(event, log);
      if (line !== null) file.write(`${prefix(event.at)}${line}\n`);
    };
  }

  #syslogWriter(log: LogPlan, pri: number, render: Render): (event: SessionEvent) => void {
    return (event) => {
      const line = render(event, log);
      if (line !== null) this.#syslog.write(pri, event.at, line);
    };
  }

  #programWriter(program: ProgramLog): (event: Event, wrappers: string | null) => void {
    if (program.kind === 'terminal') return (event) => this.#terminal?.write(`${renderEvent(event, program)}\n`);
    if (program.kind === 'syslog')
      return (event, wrappers) => {
        const line = programLine(event, wrappers);
        if (line !== null) this.#syslog.write(priority(program.facility, syslogLevels[line.level]), event.at, line.text);
      };
    const path = this.#programPath;
    return (event, wrappers) => {
      const line = programLine(event, wrappers);
      if (line !== null) this.#files.get(path!)?.write(`${this.#programPrefix(event.at)}${line.level.toUpperCase()}: ${line.text}\n`);
    };
  }

  #openSyslog(): SyslogSink {
    const { send, syslogPath: path, name, report, program } = this.options;
    const facility = program.kind === 'syslog' ? program.facility : 'daemon';
    const lossPriority = priority(facility, 'warning');
    return new SyslogSink({ send, path, name, pid: process.pid, lossText: xinetdLossLine, lossPriority, report });
  }

  #lossLine(format: LogSink['format']): LossLine {
    if (format === 'json') return (loss) => `${this.#json.loss(loss)}\n`;
    return (loss) => `${this.#servicePrefix(loss.at)}${xinetdLossLine(loss)}\n`;
  }

  readonly #programLossLine: LossLine = (loss) => `${this.#programPrefix(loss.at)}WARNING: ${xinetdLossLine(loss)}\n`;

  #notice(level: Notice['level'], message: string): void {
    this.options.report({ type: 'notice', at: Date.now(), level, message });
  }
}

type EventWriter = (event: SessionEvent) => void;
type Render = (event: SessionEvent, log: LogPlan) => string | null;

const syslogLevels: Record<Notice['level'], string> = {
  debug: 'debug',
  info: 'info',
  notice: 'notice',
  warning: 'warning',
  error: 'err',
  critical: 'crit',
};
