import type { ControlContext } from '../control/control-context.js';
import { ControlListener } from '../control/listener.js';
import { usualControlSocket } from '../control/usual-places.js';
import { Engine } from '../engine/engine.js';
import { ConfigError } from '../errors.js';
import { inBackground, nextTurn, reportError, runEvery } from '../guarded.js';
import { inheritedSockets } from '../listen/inherited.js';
import { closeOnExecFrom } from '../os/process.js';
import type { Event, Notice } from '../report/event.js';
import type { Logs } from '../report/log/logs.js';
import { LoopDelay } from '../report/metrics/loop-delay.js';
import { Metrics } from '../report/metrics/metrics.js';
import { OperatorOverrides } from '../state/operator-overrides.js';
import { memoryStore, type Store } from '../state/store.js';
import { controlContext } from './control-context.js';
import { type DaemonContext, servicePlans } from './daemon-context.js';
import { inheritance } from './inheritance.js';
import type { Crashes } from './last-resort.js';
import { configurationPath } from './load-configuration.js';
import { openState } from './open-state.js';
import type { Options } from './options.js';
import { adoptOrphans } from './orphans.js';
import { tryWritePidfile } from './pidfile.js';
import { awaitsNameService } from './plan-to-run.js';
import { openLogs } from './program-log.js';
import { describeSize, RunningConfiguration } from './running-configuration.js';
import { serviceManager } from './service-manager.js';
import { handleSignals } from './signals.js';
import { dumpState } from './state-dump.js';
import { trimMemorySoon } from './trim-memory.js';

/** Exit status of an InternalError. */
const INTERNAL = 101;

/** The life of the daemon, from the first reading of its configuration to its exit status. */
export class Daemon {
  private readonly logs: Logs;
  private readonly metrics = new Metrics();
  private readonly loopDelay = new LoopDelay();
  private readonly engine: Engine;
  private readonly now: () => number;
  private readonly startedAt: number;
  private readonly context: DaemonContext;
  private readonly overrides = new OperatorOverrides();
  private readonly configuration: RunningConfiguration;
  private store: Store = memoryStore();
  private removePidfile = () => {};
  private control: ControlListener | null = null;
  private readonly listeners = new Set<(event: Event) => void>();
  private finish: (status: number) => void = () => {};

  /** Settles with the exit status. A signal may end the daemon before it is ready. */
  readonly end = new Promise<number>((resolve) => (this.finish = resolve));

  /**
   * @param crashes How often in a row superd has executed itself again.
   * @param onEvent Receives every event, as the logs do.
   */
  constructor(
    private readonly options: Options,
    private readonly crashes: Crashes,
    private readonly onEvent: (event: Event) => void = () => {},
  ) {
    const offset = options.clock === null ? 0 : options.clock - Date.now();
    this.now = () => Date.now() + offset;
    this.startedAt = this.now();
    this.logs = openLogs(options, (event) => this.logs.sink(event));
    const inherited = inheritedSockets(process.env, process.pid);
    this.hasPassedSockets = inherited.length > 0;
    this.engine = new Engine({
      emit: (event) => this.emit(event),
      inheritance: inheritance(),
      now: this.now,
      processLimit: options.processLimit,
      inherited,
      essentialEnded: (id, status) => this.endWith(id, status),
      metrics: this.metrics,
      overrides: this.overrides,
      exposition: async () => (await import('../control/exposition.js')).exposition(this.controlContext()),
    });
    this.context = {
      path: configurationPath(options),
      options,
      engine: this.engine,
      overrides: this.overrides,
      logs: this.logs,
      manager: serviceManager(process.env),
      now: this.now,
      notice: (level, message) => this.notice(level, message),
      onApplied: () => this.control?.refresh(),
      onNoServices: () => this.exitWithoutServices(),
    };
    this.configuration = new RunningConfiguration(this.context);
  }

  /** Whether the service manager has given superd sockets. */
  readonly hasPassedSockets: boolean;

  get services() {
    return this.engine.services;
  }

  /**
   * Reads the configuration, opens the listeners and starts the daemons.
   *
   * @returns true when superd serves clients; false when a signal ended it first.
   * @throws ConfigError when the configuration cannot be read or has no service that can run.
   */
  start(): Promise<boolean> {
    return this.configuration.inTurn(() => this.begin());
  }

  private async begin(): Promise<boolean> {
    const { options, engine, logs, configuration } = this;
    const { manager, path } = this.context;
    closeOnExecFrom(3);
    process.umask(process.umask() | 0o022);
    // After superd has executed itself again, its earlier servers are children of this process, as orphans are of process 1.
    if (process.pid === 1 || this.crashes.count > 0) adoptOrphans(() => engine.reapOrphans());
    this.handleSignals();
    logs.configure([]);
    for (const warning of options.warnings) this.notice('warning', warning);
    this.store = openState(options, process.env, (level, message) => this.notice(level, message));
    this.overrides.use(this.store);
    const plan = await configuration.load();
    // Node delivers a signal that arrived while superd read the files in the next turn of the event loop.
    await nextTurn();
    if (configuration.isClosed) return false;
    logs.configure(servicePlans(plan));
    await engine.start(plan, this.store);
    if (configuration.isClosed) return false;
    if (engine.size === 0 && !options.stayAlive && !awaitsNameService(plan)) {
      this.notice('critical', 'no services. Exiting...');
      throw new ConfigError('no-services', `${path} leaves no service to run; --stay-alive runs without`);
    }
    configuration.setCurrent(plan);
    this.openControlSocket();
    if (options.pidfile !== null) this.removePidfile = tryWritePidfile(options.pidfile, (problem) => this.notice('warning', problem));
    process.chdir('/');
    if (this.crashes.count > 0) this.notice('warning', `executed again after an internal error, ${this.crashes.count} in a row`);
    this.notice('notice', `Started working: ${describeSize(engine)}`);
    manager.ready(describeSize(engine));
    this.scheduleConsistencyChecks();
    trimMemorySoon();
    return true;
  }

  /** Reports an exception that superd cannot contain. */
  reportCrash(error: unknown): void {
    reportError(error);
    this.notice('critical', 'superd executes itself again, or exits so that its supervisor starts it; its daemons keep running');
  }

  /** Writes the state and the logs as they are now. */
  flush(): void {
    this.store.flush();
    this.logs.close();
  }

  private handleSignals(): void {
    handleSignals(
      {
        reload: () => this.configuration.queueReload(),
        stop: () => this.stop(() => this.engine.stop()),
        quit: () => this.stop(() => this.engine.abandon()),
        dump: () => this.dump(),
        checkConsistency: () => this.checkConsistency('log success'),
      },
      this.options.foreground ? 'foreground' : 'background',
    );
  }

  /** As xinetd(8): a configuration without services ends the daemon, unless `--stay-alive` is given. */
  private exitWithoutServices(): void {
    this.notice('critical', 'No available services. Exiting');
    inBackground(this.stop(() => this.engine.stop(), this.options.xinetdStyle ? 1 : 100));
  }

  private endWith(id: string, status: number): void {
    if (this.configuration.isClosed) return;
    this.notice('critical', `${id}, which is essential, has ended with status ${status}`);
    inBackground(this.stop(() => this.engine.stop(), status));
  }

  /** Only the first call has an effect: a second signal while servers end changes nothing. */
  private async stop(close: () => Promise<void>, exitStatus = 0): Promise<void> {
    if (this.configuration.isClosed) return;
    this.configuration.close();
    this.notice('warning', 'Exiting...');
    this.context.manager.stopping();
    this.control?.close();
    let status = exitStatus;
    try {
      await close();
    } catch (error) {
      // superd still writes its state and removes its pidfile.
      status = INTERNAL;
      reportError(error);
    }
    this.store.close();
    this.removePidfile();
    this.logs.close();
    this.finish(status);
  }

  /** A socket named with `--control` must open, or superd does not start. At the default path another superd may already listen. */
  private openControlSocket(): void {
    const requested = this.options.control;
    const path = requested ?? usualControlSocket(process.env, this.store.directory);
    if (path === null || path === 'none') return;
    try {
      this.control = new ControlListener(path, this.controlContext());
      this.control.refresh();
    } catch (error) {
      if (requested !== null) throw error;
      this.notice('info', `without a control socket: ${(error as Error).message}`);
    }
  }

  private controlContext(): ControlContext {
    const { metrics, loopDelay, startedAt, listeners, configuration, store } = this;
    const shutdown = () => inBackground(this.stop(() => this.engine.stop()));
    return controlContext(this.context, { metrics, loopDelay, startedAt, listeners, configuration, store, shutdown });
  }

  private async dump(): Promise<void> {
    const { dumpFile, processLimit } = this.options;
    const { services, tcpmuxServices } = this.engine;
    try {
      await dumpState(dumpFile, { services, muxed: tcpmuxServices, configFile: this.context.path, processLimit, now: this.now() });
      this.notice('info', `generated state dump in file ${dumpFile}`);
    } catch (error) {
      this.notice('error', `state dump: ${(error as Error).message}`);
    }
  }

  private scheduleConsistencyChecks(): void {
    const { checkSeconds } = this.options;
    if (checkSeconds !== null) runEvery(() => this.checkConsistency('log errors only'), checkSeconds * 1000).unref();
  }

  private checkConsistency(mode: 'log success' | 'log errors only'): void {
    const found = this.engine.contradictions();
    for (const one of found) this.notice('error', one);
    if (found.length > 0) this.notice('warning', `Consistency check detected ${found.length} errors`);
    else if (mode === 'log success') this.notice('info', 'Consistency check passed');
  }

  private notice(level: Notice['level'], message: string): void {
    this.emit({ type: 'notice', at: this.now(), level, message });
  }

  private emit(event: Event): void {
    deliver((one) => this.metrics.sink(one), event);
    deliver((one) => this.logs.sink(one), event);
    deliver(this.onEvent, event);
    for (const listener of this.listeners) deliver(listener, event);
  }
}

/** A receiver that throws does not keep the event from the others. */
function deliver(sink: (event: Event) => void, event: Event): void {
  try {
    sink(event);
  } catch (error) {
    reportError(error);
  }
}
