import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RpcWorld } from '../rpc/world.js';
import { atEnd } from '../support/at-end.js';
import type { Connection, DatagramClient } from '../support/client.js';
import type { DaemonKind } from '../support/daemon.js';
import { linesOf } from '../support/lines.js';
import { withMounts } from '../support/mounts.js';
import { freePorts } from '../support/ports.js';
import { descendantsOf, killProcess, type ProcessFacts } from '../support/processes.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { expand, expandConfig, expandMainConfig } from './expand.js';
import { mask } from './mask.js';
import type { Part, Scenario } from './scenario.js';

const PORTS = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
const superd = new URL('../../bin/superd', import.meta.url).pathname;
/** Soft and hard, whatever the machine's are: they reach the servers, and xinetd closes each descriptor that may be at its start. */
const LIMITS = ['nofile=512:1024', 'nproc=4096:4096', 'core=0:unlimited', 'stack=8388608:unlimited'].map((limit) => `--${limit}`);

/** One daemon, with the files, ports and clients that a scenario gives it. Both are started by the same command line. */
export class World {
  readonly clients = new Map<string, Connection>();
  readonly datagramClients = new Map<string, DatagramClient>();
  /** What this daemon is recorded to make of the present step. */
  recorded: readonly string[] = [];
  /** How much of each log has been shown. */
  readonly shown = new Map<string, number>();
  readonly #mounts: Record<string, string> = {};
  #rpc: RpcWorld | null = null;
  readonly #servers: ProcessFacts[] = [];
  #child: ChildProcess | null = null;
  #output = '';
  #exited: Promise<string> = Promise.resolve('was not started');

  private constructor(
    readonly kind: DaemonKind,
    readonly scenario: Scenario,
    readonly variables: ReadonlyMap<string, string>,
    readonly directory: string,
  ) {}

  /** Prepares the files, and starts the daemon unless the scenario says `---------- options none`. */
  static async make(kind: DaemonKind, scenario: Scenario): Promise<World> {
    const directory = temporaryDirectory();
    const ports = await freePorts(PORTS.length);
    const part = () => 1 + Math.floor(Math.random() * 254);
    const noon = new Date().getUTCHours() - 12;
    const variables = new Map<string, string>([
      ...PORTS.map((name, i) => [name, String(ports[i])] as const),
      ['DIR', directory],
      ['LOG', join(directory, 'service.log')],
      // A time zone, POSIX style (which counts west of Greenwich as positive), in which it is between 12:00 and 12:59 now.
      ['CALLER', `127.${part()}.${part()}.${part()}`],
      // What a text file shows badly.
      ['CR', '\r'],
      ['BOM', '\ufeff'],
      ['NBSP', '\u00a0'],
      ['LONG', 'x'.repeat(7_900)],
      ['NOON', `NOON${noon >= 0 ? '+' : ''}${noon}`],
    ]);
    const world = new World(kind, scenario, variables, directory);
    world.#copyDirectoriesOf(scenario.parts);
    for (const part of scenario.parts) world.#prepare(part);
    if (world.part('rpcbind') !== undefined) await world.#startRpcbind();
    if (world.part('options')?.name !== 'none') await world.start();
    return world;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Of a scenario with the part `rpcbind`. */
  get rpc(): RpcWorld {
    if (this.#rpc === null) throw new Error('wanted: the part «---------- rpcbind»');
    return this.#rpc;
  }

  /** Resolves with `status 0` or `SIGKILL`. */
  get exited(): Promise<string> {
    return this.#exited;
  }

  get configFile(): string {
    return join(this.directory, 'daemon.conf');
  }

  get pidFile(): string {
    return join(this.directory, 'daemon.pid');
  }

  /** Lines of the program log, without the time. */
  get words(): string[] {
    return this.lines('program.log').map((line) => line.replace(/^\S+ \w+\[\d+\]: /, ''));
  }

  /** The part of that kind, and of that name if one is asked for. */
  part(kind: string, name?: string): Part | undefined {
    return this.scenario.parts.find((part) => part.kind === kind && (name === undefined || part.name === name));
  }

  path(name: string): string {
    return name.startsWith('/') ? name : join(this.directory, name);
  }

  read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : '';
  }

  /** Whole lines of a file. */
  lines(name: string): string[] {
    return linesOf(this.path(name)).filter((line) => line !== '');
  }

  expand(text: string): string {
    return expand(text, this.variables);
  }

  mask(text: string): string {
    const own = this.#child === null ? text : text.replace(new RegExp(`\\b${this.pid}\\b`, 'g'), 'DAEMON');
    return mask(own, this.variables);
  }

  port(name: string): number {
    return Number(this.variables.get(name) ?? name);
  }

  writeConfig(text: string): void {
    writeFileSync(this.configFile, expandMainConfig(text, this.variables));
  }

  /** The command and arguments that stand for the daemon, in the file system that the scenario asks for. */
  command(args: readonly string[]): [string, ...string[]] {
    const mounted = Object.keys(this.#mounts).length === 0 ? [] : withMounts(this.#mounts);
    const prefix = this.expand(this.part('prefix')?.text ?? '')
      .split(/\s+/)
      .filter((word) => word !== '');
    const entered = this.#rpc === null ? [] : this.#rpc.server.enter;
    return ['prlimit', ...LIMITS, ...entered, ...mounted, ...prefix, this.kind === 'xinetd' ? 'xinetd' : superd, ...args];
  }

  environment(): Record<string, string> {
    const lines = this.expand(this.part('environment')?.text ?? '').split('\n');
    const given = lines.filter((line) => line.includes('=')).map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]);
    return { PATH: process.env['PATH']!, TZ: 'UTC', ...Object.fromEntries(given) };
  }

  async start(): Promise<void> {
    const further = this.expand(this.part('options')?.text ?? '')
      .split(/\s+/)
      .filter((word) => word !== '');
    const files = ['-f', this.configFile, '-pidfile', this.pidFile, '-filelog', this.path('program.log')];
    // Two that run at the same time must not share them.
    if (this.kind === 'superd') files.push('--state', this.path('state'), '--control', 'none');
    const [program, ...args] = this.command(['-dontfork', ...files, ...further]);
    const before = this.words.length;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: this.environment(), cwd: this.directory });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code === null ? String(signal) : `status ${code}`)));
    atEnd(() => this.#clearAway());
    await waitFor(
      `${this.kind} to start`,
      () => !this.running || this.words.slice(before).some((line) => line.includes('Started working')),
      { evidence: () => this.account() },
    );
  }

  signal(signal: NodeJS.Signals): void {
    // xinetd leaves its servers running when it ends, and their pids are lost with it.
    this.#servers.push(...descendantsOf(this.pid));
    this.#child!.kill(signal);
  }

  /** Everything worth knowing when something went wrong. */
  account(): string {
    const parts = {
      configuration: this.read(this.configFile),
      'program log': this.read('program.log'),
      'service log': this.read('service.log'),
    };
    const told = Object.entries(parts).map(([name, text]) => `--- ${this.kind}: ${name}\n${text.slice(-4_000)}`);
    return [...told, `--- ${this.kind}: output\n${this.#output.slice(-4_000)}`].join('\n');
  }

  #prepare({ kind, name, text }: Part): void {
    if (kind === 'config' && name === '') this.writeConfig(text);
    if (kind !== 'file' && kind !== 'directory') return;
    const path = name.startsWith('/') ? this.#apart(name) : join(this.directory, name);
    mkdirSync(kind === 'file' ? dirname(path) : path, { recursive: true });
    if (kind === 'file')
      writeFileSync(path, name.endsWith('.conf') ? expandConfig(text, this.variables) : this.expand(text), { mode: 0o755 });
  }

  /** Where something outside the scenario's directory really lies: the daemon and its servers alone see it at its path. */
  #apart(name: string): string {
    const path = join(this.directory, 'root', name);
    if (this.#mounts[dirname(name)] === undefined) this.#mounts[name] = path;
    return path;
  }

  async #startRpcbind(): Promise<void> {
    const run = this.#apart('/run');
    mkdirSync(run, { recursive: true });
    this.#rpc = new RpcWorld(run);
    await this.#rpc.startRpcbind();
  }

  /** Nothing can be mounted where nothing is: such a file's directory as a whole is another one, with copies of the files it has. */
  #copyDirectoriesOf(parts: readonly Part[]): void {
    for (const { kind, name } of parts) {
      if (kind !== 'file' || !name.startsWith('/') || existsSync(name)) continue;
      const path = join(this.directory, 'root', dirname(name));
      mkdirSync(path, { recursive: true });
      for (const entry of readdirSync(dirname(name), { withFileTypes: true }))
        if (entry.isFile()) copyFileSync(join(dirname(name), entry.name), join(path, entry.name));
      this.#mounts[dirname(name)] = path;
    }
  }

  async #clearAway(): Promise<void> {
    const left = [...this.#servers, ...descendantsOf(this.pid)];
    if (this.running) {
      this.signal('SIGTERM');
      await within(`${this.kind} to end`, this.#exited, 8_000).catch(() => this.signal('SIGKILL'));
    }
    for (const one of left) killProcess(one);
  }
}
