import { Engine } from '../engine/engine.js';
import { ConfigError } from '../errors.js';
import { datagramOpen, datagramSend } from '../os/datagram.js';
import { closeOnExecFrom } from '../os/process.js';
import type { Event, Notice } from '../report/event.js';
import { Logs, type ProgramLog } from '../report/log/logs.js';
import { configurationPath, loadConfiguration, renderDiagnostic } from './configuration.js';
import { inheritance } from './inheritance.js';
import { notifyManager } from './notify.js';
import type { Options } from './options.js';
import { writePidfile } from './pidfile.js';
import { settleSoon } from './settle.js';
import { dumpState } from './state-dump.js';

/** The life of the daemon, from the first look at its configuration to its end. */
export class Daemon {
  private readonly path: string;
  private readonly logs: Logs;
  private readonly engine: Engine;
  private readonly now: () => number;
  private removePidfile = () => {};
  private reloading: Promise<void> = Promise.resolve();
  private ended: (status: number) => void = () => {};

  /** Settles with the exit status when the daemon has been told to end. */
  readonly end = new Promise<number>((resolve) => (this.ended = resolve));

  constructor(private readonly options: Options) {
    const offset = options.clock === null ? 0 : options.clock - Date.now();
    this.now = () => Date.now() + offset;
    this.path = configurationPath(options);
    this.logs = openLogs(options, (event) => this.logs.sink(event));
    this.engine = new Engine({ emit: this.logs.sink, inheritance: inheritance(), now: this.now, processLimit: options.processLimit });
  }

  get services() {
    return this.engine.services;
  }

  /**
   * Opens everything. When this returns, clients are served.
   *
   * @throws ConfigError when the configuration cannot be read, or names nothing that could run.
   */
  async start(): Promise<void> {
    closeOnExecFrom(3);
    process.umask(process.umask() | 0o022);
    this.listenToSignals();
    this.logs.configure([]);
    const { plan, diagnostics } = await loadConfiguration(this.path, this.options);
    for (const warning of this.options.warnings) this.notice('warning', warning);
    for (const diagnostic of diagnostics) this.notice(LEVEL[diagnostic.severity], renderDiagnostic(diagnostic));
    this.logs.configure(plan.services);
    this.engine.start(plan);
    if (this.options.pidfile !== null) this.removePidfile = writePidfile(this.options.pidfile);
    if (this.services.length === 0 && !this.options.stayAlive) {
      this.removePidfile();
      throw new ConfigError('no-services', `${this.path} leaves no service to run; --stay-alive runs without`);
    }
    process.chdir('/');
    this.notice('notice', `Started working: ${this.services.length} available service${this.services.length === 1 ? '' : 's'}`);
    notifyManager(process.env, `READY=1\nMAINPID=${process.pid}`);
    settleSoon();
  }

  /** Reads the configuration again, and goes over to it only if all of it can be had. */
  private async reload(): Promise<void> {
    notifyManager(process.env, `RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    this.notice('notice', 'Starting reconfiguration');
    try {
      const { plan, diagnostics } = await loadConfiguration(this.path, this.options);
      for (const diagnostic of diagnostics) this.notice(LEVEL[diagnostic.severity], renderDiagnostic(diagnostic));
      if (diagnostics.some(({ severity }) => severity === 'error')) throw new ConfigError('config-rejected', `${this.path} has errors`);
      this.logs.configure([...this.services.map(({ plan }) => plan), ...plan.services]);
      const { added, kept, dropped } = await this.engine.reload(plan);
      this.logs.configure(plan.services);
      this.notice('notice', `Reconfigured: new=${added} old=${kept} dropped=${dropped} (services)`);
    } catch (error) {
      this.notice('error', `reconfiguration failed, nothing has changed: ${(error as Error).message}`);
    }
    this.logs.reopen();
    notifyManager(process.env, 'READY=1');
    settleSoon();
  }

  private async stop(): Promise<void> {
    this.notice('warning', 'Exiting...');
    notifyManager(process.env, 'STOPPING=1');
    await this.reloading;
    await this.engine.stop();
    this.leave();
  }

  /** QUIT, xinetd(8): superd goes, its servers stay. */
  private async quit(): Promise<void> {
    this.notice('warning', 'Exiting...');
    await this.reloading;
    this.engine.abandon();
    this.leave();
  }

  private leave(): void {
    this.removePidfile();
    this.logs.close();
    this.ended(0);
  }

  private listenToSignals(): void {
    const reload = () => {
      this.reloading = this.reloading.then(() => this.reload());
    };
    process.on('SIGHUP', reload);
    process.on('SIGUSR2', reload);
    process.once('SIGTERM', () => void this.stop());
    process.once('SIGQUIT', () => void this.quit());
    if (this.options.foreground) process.once('SIGINT', () => void this.stop());
    else process.on('SIGINT', () => {});
    process.on('SIGUSR1', () => this.dump());
    for (const signal of ['SIGALRM', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'] as const) process.on(signal, () => {});
  }

  private dump(): void {
    const { dumpFile } = this.options;
    try {
      dumpState(dumpFile, { services: this.services, configFile: this.path, processLimit: this.options.processLimit, now: this.now() });
      this.notice('info', `generated state dump in file ${dumpFile}`);
    } catch (error) {
      this.notice('error', `state dump: ${(error as Error).message}`);
    }
  }

  private notice(level: Notice['level'], message: string): void {
    this.logs.sink({ type: 'notice', at: this.now(), level, message });
  }
}

const LEVEL = { error: 'error', warning: 'warning', note: 'info' } as const;

function openLogs(options: Options, report: (event: Event) => void): Logs {
  const socket = datagramOpen();
  return new Logs({
    program: programLog(options),
    send: (path, data) => datagramSend(socket, path, data),
    syslogPath: '/dev/log',
    name: options.xinetdStyle ? 'xinetd' : 'superd',
    report,
  });
}

function programLog({ fileLog, syslogFacility, foreground }: Options): ProgramLog {
  if (fileLog !== null) return { kind: 'file', path: fileLog };
  if (syslogFacility !== null || !foreground) return { kind: 'syslog', facility: syslogFacility ?? 'daemon' };
  return { kind: 'terminal', color: process.stderr.isTTY === true && !process.env['NO_COLOR'] };
}
