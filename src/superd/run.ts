import type { Controlled } from '../control/controlled.js';
import { ControlDoor, defaultControlSocket } from '../control/listener.js';
import { Engine } from '../engine/engine.js';
import { ConfigError } from '../errors.js';
import { inheritedSockets } from '../listen/inherited.js';
import { closeOnExecFrom } from '../os/process.js';
import type { Event, Notice } from '../report/event.js';
import type { Logs } from '../report/log/logs.js';
import { LoopDelay } from '../report/metrics/loop-delay.js';
import { Metrics } from '../report/metrics/metrics.js';
import { memoryStore, type Store } from '../state/store.js';
import { configurationPath } from './configuration.js';
import { Configurations, describeSize, type Household, plansOf } from './configurations.js';
import { controlled } from './controlled.js';
import { inheritance } from './inheritance.js';
import { serviceManager } from './notify.js';
import type { Options } from './options.js';
import { adoptOrphans } from './orphans.js';
import { writePidfile } from './pidfile.js';
import { openLogs } from './program-log.js';
import { listenToSignals } from './signals.js';
import { openState } from './state.js';
import { dumpState } from './state-dump.js';
import { settleSoon } from './trim-memory.js';

/** Exit status of what superd itself has done wrong: InternalError. */
const OURS = 101;

/** The life of the daemon, from the first look at its configuration to its end. */
export class Daemon {
  private readonly logs: Logs;
  private readonly metrics = new Metrics();
  private readonly loopDelay = new LoopDelay();
  private readonly engine: Engine;
  private readonly now: () => number;
  private readonly startedAt: number;
  private readonly household: Household;
  private readonly configurations: Configurations;
  private store: Store = memoryStore();
  private removePidfile = () => {};
  private control: ControlDoor | null = null;
  private readonly listeners = new Set<(event: Event) => void>();
  private finish: (status: number) => void = () => {};

  /** Settles with the exit status when the daemon has come to its end, which a signal may bring also before it was ready. */
  readonly end = new Promise<number>((resolve) => (this.finish = resolve));

  /** @param witness Sees every event beside the logs. */
  constructor(
    private readonly options: Options,
    private readonly witness: (event: Event) => void = () => {},
  ) {
    const offset = options.clock === null ? 0 : options.clock - Date.now();
    this.now = () => Date.now() + offset;
    this.startedAt = this.now();
    this.logs = openLogs(options, (event) => this.logs.sink(event));
    this.engine = new Engine({
      emit: (event) => this.emit(event),
      inheritance: inheritance(),
      now: this.now,
      processLimit: options.processLimit,
      inherited: inheritedSockets(process.env, process.pid),
      metrics: this.metrics,
      exposition: async () => (await import('../control/exposition.js')).exposition(this.controlled()),
    });
    this.household = {
      path: configurationPath(options),
      options,
      engine: this.engine,
      logs: this.logs,
      manager: serviceManager(process.env),
      now: this.now,
      notice: (level, message) => this.notice(level, message),
      taken: () => this.control?.refresh(),
      nothingLeft: () => this.endForWantOfServices(),
    };
    this.configurations = new Configurations(this.household);
  }

  get services() {
    return this.engine.services;
  }

  /**
   * Opens everything.
   *
   * @returns Whether clients are served now; false when a signal brought the end before.
   * @throws ConfigError when the configuration cannot be read, or names nothing that could run.
   */
  start(): Promise<boolean> {
    return this.configurations.inTurn(() => this.begin());
  }

  private async begin(): Promise<boolean> {
    const { options, engine, logs, configurations } = this;
    const { manager, path } = this.household;
    closeOnExecFrom(3);
    process.umask(process.umask() | 0o022);
    adoptOrphans(process.pid, () => engine.reapOrphans());
    this.hearSignals();
    logs.configure([]);
    for (const warning of options.warnings) this.notice('warning', warning);
    this.store = openState(options, process.env, (level, message) => this.notice(level, message));
    configurations.use(this.store);
    const plan = await configurations.load();
    // A signal that came while the text was read is heard in the next turn of the loop.
    await new Promise(setImmediate);
    if (configurations.isClosed) return false;
    logs.configure(plansOf(plan));
    await engine.start(plan, this.store);
    if (configurations.isClosed) return false;
    if (engine.size === 0 && !options.stayAlive) {
      this.notice('critical', 'no services. Exiting...');
      throw new ConfigError('no-services', `${path} leaves no service to run; --stay-alive runs without`);
    }
    configurations.runs(plan);
    this.answerControl();
    if (options.pidfile !== null) this.removePidfile = writePidfile(options.pidfile);
    process.chdir('/');
    this.notice('notice', `Started working: ${describeSize(engine)}`);
    manager.ready(describeSize(engine));
    this.checkNowAndThen();
    settleSoon();
    return true;
  }

  private hearSignals(): void {
    listenToSignals(
      {
        reload: () => this.configurations.queueReload(),
        stop: () => void this.stop(() => this.engine.stop()),
        quit: () => void this.stop(() => this.engine.abandon()),
        dump: () => this.dump(),
        checkConsistency: () => this.checkConsistency('told'),
      },
      this.options.foreground ? 'stops' : 'is passed over',
    );
  }

  /** xinetd(8): a configuration without services ends the daemon, unless it was told to stay alive. */
  private endForWantOfServices(): void {
    this.notice('critical', 'No available services. Exiting');
    void this.stop(() => this.engine.stop(), this.options.xinetdStyle ? 1 : 100);
  }

  /** Once: a second signal while servers end changes nothing. */
  private async stop(close: () => Promise<void>, status = 0): Promise<void> {
    if (this.configurations.isClosed) return;
    this.configurations.close();
    this.notice('warning', 'Exiting...');
    this.household.manager.stopping();
    this.control?.close();
    let end = status;
    try {
      await close();
    } catch (error) {
      // The pidfile and the state are put in order all the same.
      end = OURS;
      this.notice('error', `internal error: ${error instanceof Error ? error.stack : String(error)}`);
    }
    this.store.close();
    this.removePidfile();
    this.logs.close();
    this.finish(end);
  }

  /** At a place that the operator named it is there or superd does not run; at the usual one another superd may have been first. */
  private answerControl(): void {
    const wanted = this.options.control;
    const path = wanted ?? defaultControlSocket(process.env);
    if (path === null || path === 'none') return;
    try {
      this.control = new ControlDoor(path, this.controlled());
      this.control.refresh();
    } catch (error) {
      if (wanted !== null) throw error;
      this.notice('info', `without a control socket: ${(error as Error).message}`);
    }
  }

  private controlled(): Controlled {
    const { metrics, loopDelay, startedAt, listeners, configurations, store } = this;
    const shutdown = () => void this.stop(() => this.engine.stop());
    return controlled(this.household, { metrics, loopDelay, startedAt, listeners, configurations, store, shutdown });
  }

  private dump(): void {
    const { dumpFile, processLimit } = this.options;
    const { services, muxed } = this.engine;
    try {
      dumpState(dumpFile, { services, muxed, configFile: this.household.path, processLimit, now: this.now() });
      this.notice('info', `generated state dump in file ${dumpFile}`);
    } catch (error) {
      this.notice('error', `state dump: ${(error as Error).message}`);
    }
  }

  private checkNowAndThen(): void {
    const { checkSeconds } = this.options;
    if (checkSeconds !== null) setInterval(() => this.checkConsistency('silent'), checkSeconds * 1000).unref();
  }

  private checkConsistency(whenFine: 'told' | 'silent'): void {
    const found = this.engine.contradictions();
    for (const one of found) this.notice('error', one);
    if (found.length > 0) this.notice('warning', `Consistency check detected ${found.length} errors`);
    else if (whenFine === 'told') this.notice('info', 'Consistency check passed');
  }

  private notice(level: Notice['level'], message: string): void {
    this.emit({ type: 'notice', at: this.now(), level, message });
  }

  private emit(event: Event): void {
    this.metrics.sink(event);
    this.logs.sink(event);
    this.witness(event);
    for (const listener of this.listeners) listener(event);
  }
}
