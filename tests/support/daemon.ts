import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { atEnd, onFailure } from './at-end.js';
import { linesOf, wholeLines } from './lines.js';
import type { Namespace } from './namespace.js';
import { descendantsOf, killProcess } from './processes.js';
import { defaultsBlock } from './service-block.js';
import { temporaryDirectory } from './temporary.js';
import { waitFor, within } from './wait-for.js';

export type DaemonKind = 'superd' | 'xinetd';

export interface DaemonOptions {
  /** The configuration, in xinetd's grammar. */
  readonly config: string;
  /** Text put before it. Without one, and without a `defaults` block in `config`, a block that logs to `serviceLog`. */
  readonly defaults?: string;
  readonly kind?: DaemonKind;
  /** The network namespace that the daemon runs in. */
  readonly namespace?: Namespace;
  /** A command that executes what follows it (`prlimit --nofile=100:200`), so that its pid becomes the daemon's. */
  readonly prefix?: readonly string[];
  /** Further command line options. */
  readonly args?: readonly string[];
  /** The daemon's environment, to which PATH is added; by default the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** Far above what a daemon needs to end its servers on a busy machine. */
const STOP_DEADLINE_MS = 30_000;

const repository = new URL('../../', import.meta.url).pathname;

/** The daemon that the suite tests: SUPERD_TEST_DAEMON, by default superd. */
export function daemonKind(): DaemonKind {
  return process.env['SUPERD_TEST_DAEMON'] === 'xinetd' ? 'xinetd' : 'superd';
}

/**
 * Starts superd or the real xinetd on the same configuration text, and waits until it listens. The daemon ends with the test; when the
 * test fails, everything the daemon wrote is printed.
 *
 * @example const daemon = await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/echo' }) })
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const daemon = watchedDaemon(options);
  await daemon.waitUntilReady();
  return daemon;
}

/** Starts a daemon that is expected to exit by itself, and returns when it has. */
export async function startDaemonThatEnds(options: DaemonOptions): Promise<Daemon> {
  const daemon = watchedDaemon(options);
  await within('the daemon to end by itself', daemon.exited);
  return daemon;
}

function watchedDaemon(options: DaemonOptions): Daemon {
  const daemon = new Daemon(options);
  let account = '';
  atEnd(async () => {
    // Read now: the directory is removed next.
    account = daemon.account();
    await daemon.stop();
  });
  onFailure(() => void process.stderr.write(`${account}\n`));
  return daemon;
}

/** A running superd or xinetd, and its files. */
export class Daemon {
  readonly kind: DaemonKind;
  readonly directory: string;
  readonly configFile: string;
  readonly pidFile: string;
  readonly controlSocket: string;
  /** Resolves when it has ended and all its output has been read. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  #output = '';
  #hasSaidAll = false;

  constructor(options: DaemonOptions) {
    this.kind = options.kind ?? daemonKind();
    this.directory = options.directory ?? temporaryDirectory();
    this.configFile = join(this.directory, 'daemon.conf');
    this.pidFile = join(this.directory, 'daemon.pid');
    this.controlSocket = join(this.directory, 'control.sock');
    const hasDefaults = /^defaults\b/m.test(options.config);
    writeFileSync(this.configFile, `${options.defaults ?? (hasDefaults ? '' : this.#defaults())}${options.config}`);
    const [program, ...args] = [...enter(options), ...this.#commandLine(), ...(options.args ?? [])];
    this.#child = spawn(program!, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env === undefined ? process.env : { PATH: process.env['PATH'], ...options.env },
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.exited = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#hasSaidAll = true;
        resolve({ code, signal });
      });
      this.#child.on('error', (error) => {
        this.#output += `${error.message}\n`;
        resolve({ code: null, signal: null });
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  /** What the daemon wrote about itself, whole lines only: superd to stdout and stderr, xinetd to its program log. */
  get words(): string {
    const said = this.#hasSaidAll ? this.#output : wholeLines(this.#output);
    return this.kind === 'xinetd' ? said + wholeLines(readIfThere(this.#programLog)) : said;
  }

  /** The log file of services that set no other. */
  get serviceLog(): string {
    return join(this.directory, 'service.log');
  }

  /** Lines of the service log, oldest first, without the date: `START: greet pid=7 from=127.0.0.1`. */
  entries(path: string = this.serviceLog): string[] {
    return linesOf(path).map((line) => line.replace(/^\S+ /, ''));
  }

  /** Waits for a log line, date aside, and returns it. */
  async waitForEntry(pattern: RegExp, path: string = this.serviceLog): Promise<string> {
    return waitFor(`a log line ${pattern}`, () => this.entries(path).find((line) => pattern.test(line)), {
      evidence: () => this.account(),
    });
  }

  async waitForWords(pattern: RegExp): Promise<void> {
    await waitFor(`${pattern} from the daemon`, () => pattern.test(this.words), { evidence: () => this.account() });
  }

  async waitUntilReady(): Promise<void> {
    const ready = this.kind === 'superd' ? /^superd: ready$/m : /Started working: \d+ available service/;
    await waitFor(`${this.kind} to be ready`, () => ready.test(this.words) || (!this.running && this.#ended()), {
      evidence: () => this.account(),
    });
    // superd reports on standard error before it is ready, and that is another pipe: a turn of the event loop reads both.
    for (let turn = 0; turn < 2; turn++) await nextTurn();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends SIGTERM, SIGKILL if that does not help, and kills every process that the daemon had started. */
  async stop(): Promise<void> {
    if (this.#child.pid === undefined) return;
    const left = descendantsOf(this.pid);
    if (this.running) {
      this.signal('SIGTERM');
      const deadline = setTimeout(() => {
        this.signal('SIGKILL');
        // They would keep its output open.
        for (const one of left) killProcess(one);
      }, STOP_DEADLINE_MS);
      await this.exited;
      clearTimeout(deadline);
    }
    for (const one of left) killProcess(one);
  }

  /** The configuration, output and log of the daemon, for the message of a failed test. */
  account(): string {
    return [
      `--- ${this.configFile}`,
      readIfThere(this.configFile),
      `--- ${this.kind}, ${this.running ? `running as ${this.#child.pid}` : `ended: status ${this.#child.exitCode}, signal ${this.#child.signalCode}`}`,
      tail(this.words),
      `--- ${this.serviceLog}`,
      tail(readIfThere(this.serviceLog)),
    ].join('\n');
  }

  get #programLog(): string {
    return join(this.directory, 'xinetd.log');
  }

  #commandLine(): string[] {
    if (this.kind === 'xinetd') {
      return ['xinetd', '-dontfork', ...['-f', this.configFile], ...['-pidfile', this.pidFile], ...['-filelog', this.#programLog]];
    }
    return [
      join(repository, 'bin/superd'),
      '--foreground',
      ...['--config', this.configFile],
      ...['--pidfile', this.pidFile],
      ...['--control', this.controlSocket],
      ...this.#state(),
    ];
  }

  /** A directory for this daemon alone: several daemons run at once. */
  #state(): string[] {
    return ['--state', join(this.directory, 'state')];
  }

  #defaults(): string {
    return defaultsBlock({
      log_type: ['FILE', this.serviceLog],
      log_on_success: ['PID', 'HOST', 'EXIT', 'DURATION'],
      log_on_failure: ['HOST'],
    });
  }

  #ended(): never {
    throw new Error(`${this.kind} ended before it was ready\n${this.account()}`);
  }
}

function enter(options: DaemonOptions): readonly string[] {
  return [...(options.namespace?.enter ?? []), ...(options.prefix ?? [])];
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The last 8,000 characters: a daemon in a loop writes more than anyone reads. */
function tail(text: string): string {
  return text.length > 8_000 ? `…${text.slice(-8_000)}` : text;
}
