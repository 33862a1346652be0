import type { Loaded } from '../config/load.js';
import type { Plan } from '../config/plan.js';
import type { Controlled } from '../control/controlled.js';
import { ControlDoor, defaultControlSocket } from '../control/door.js';
import { Recent } from '../control/recent.js';
import type { Change } from '../engine/change.js';
import { Engine } from '../engine/engine.js';
import { ConfigError } from '../errors.js';
import { inheritedSockets } from '../listen/inherited.js';
import { datagramOpen, datagramSend } from '../os/datagram.js';
import { closeOnExecFrom } from '../os/process.js';
import type { Event, Notice } from '../report/event.js';
import { Logs, type ProgramLog } from '../report/log/logs.js';
import { PrivateAddresses } from '../report/log/private-address.js';
import { LoopDelay } from '../report/metrics/loop-delay.js';
import { Metrics } from '../report/metrics/metrics.js';
import { memoryStore, type Store } from '../state/store.js';
import { configurationPath, loadConfiguration, renderDiagnostic } from './configuration.js';
import { inheritance } from './inheritance.js';
import { type Manager, serviceManager } from './notify.js';
import type { Options } from './options.js';
import { adoptOrphans } from './orphans.js';
import { writePidfile } from './pidfile.js';
import { RunServices } from './run-services.js';
import { SecondLook } from './second-look.js';
import { settleSoon } from './settle.js';
import { listenToSignals } from './signals.js';
import { openState } from './state.js';
import { dumpState } from './state-dump.js';
import { Switches } from './switches.js';
import { Trial } from './trial.js';
import { version } from './version.js';

/** The life of the daemon, from the first look at its configuration to its end. */
export class Daemon {
  private readonly path: string;
  private readonly logs: Logs;
  private readonly metrics = new Metrics();
  private readonly loopDelay = new LoopDelay();
  private readonly engine: Engine;
  private readonly manager: Manager;
  private readonly now: () => number;
  private readonly secondLook = new SecondLook((names) => this.queueNames(names));
  private store: Store = memoryStore();
  private readonly switches = new Switches();
  private readonly runServices = new RunServices({
    load: (beside) => loadConfiguration(this.path, this.options, this.switches.all, beside),
    current: () => this.current as RunningPlan,
    goOver: (plan) => this.goOver(plan),
  });
  private removePidfile = () => {};
  private control: ControlDoor | null = null;
  /** What runs. */
  private current: RunningPlan | null = null;
  private trial: { readonly trial: Trial; readonly before: RunningPlan; readonly finish: () => Promise<void> } | null = null;
  private callers: Plan['control'] = NOBODY;
  private readonly startedAt: number;
  private readonly listeners = new Set<(event: Event) => void>();
  /** The start and each reload, one after the other; settles when the last of them is done. */
  private turn: Promise<unknown> = Promise.resolve();
  private reloadWaits = false;
  private ending = false;
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
    this.path = configurationPath(options);
    this.manager = serviceManager(process.env);
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
  }

  /** Of everything that has a log of its own. */
  private get plans() {
    return [...this.services, ...this.engine.muxed].map(({ plan }) => plan);
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
  async start(): Promise<boolean> {
    const begun = this.begin();
    this.turn = begun.catch(() => {});
    return begun;
  }

  private async begin(): Promise<boolean> {
    closeOnExecFrom(3);
    process.umask(process.umask() | 0o022);
    adoptOrphans(process.pid, () => this.engine.reapOrphans());
    listenToSignals(
      {
        reload: () => this.queueReload(),
        stop: () => void this.stop(() => this.engine.stop()),
        quit: () => void this.stop(() => this.engine.abandon()),
        dump: () => this.dump(),
        checkConsistency: () => this.checkConsistency('told'),
      },
      this.options.foreground ? 'stops' : 'is passed over',
    );
    this.logs.configure([]);
    for (const warning of this.options.warnings) this.notice('warning', warning);
    this.store = openState(this.options, process.env, (level, message) => this.notice(level, message));
    this.switches.use(this.store);
    this.runServices.use(this.store);
    const plan = await this.load();
    // A signal that came while the text was read is heard in the next turn of the loop.
    await new Promise(setImmediate);
    if (this.ending) return false;
    this.logs.configure([...plan.services, ...plan.muxed]);
    await this.engine.start(plan, this.store);
    if (this.ending) return false;
    if (this.engine.size === 0 && !this.options.stayAlive) {
      this.notice('critical', 'no services. Exiting...');
      throw new ConfigError('no-services', `${this.path} leaves no service to run; --stay-alive runs without`);
    }
    this.runs(plan);
    this.answerControl(plan);
    if (this.options.pidfile !== null) this.removePidfile = writePidfile(this.options.pidfile);
    process.chdir('/');
    this.notice('notice', `Started working: ${this.counted()}`);
    this.manager.ready(this.counted());
    this.checkNowAndThen();
    settleSoon();
    return true;
  }

  private async load() {
    const readAt = Date.now();
    const { plan, diagnostics, unresolved } = await this.loadAll();
    for (const diagnostic of diagnostics) this.notice(LEVEL[diagnostic.severity], renderDiagnostic(diagnostic));
    const wrong = diagnostics.filter(({ severity }) => severity === 'error').length;
    return { ...plan, unresolved, readAt, wrong };
  }

  /** What the files say, and what operators have said beside them. */
  private loadAll(): Promise<Loaded> {
    return loadConfiguration(this.path, this.options, this.switches.all, this.runServices.blocks);
  }

  /** From what runs to much the same. */
  private async goOver(plan: Plan): Promise<void> {
    const { unresolved, readAt } = this.current as RunningPlan;
    await this.engine.reload(plan);
    this.runs({ ...plan, unresolved, readAt });
  }

  /** What is tried may not stay, and would take with it what is said meanwhile. */
  private untried<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      if (this.trial !== null) throw new ConfigError('config-rejected', 'a configuration is being tried: superctl confirm first, or wait');
      return work();
    });
  }

  /** However many ask meanwhile, one more after the present one sees everything they wanted seen. */
  private queueReload(): void {
    if (this.reloadWaits) return;
    this.reloadWaits = true;
    void this.inTurn(async () => {
      this.reloadWaits = false;
      if (!this.ending) await this.reload();
    });
  }

  /** What fails is told; nothing has changed then. */
  private async reload(): Promise<void> {
    await this.reconfigure((plan) => this.engine.reload(plan)).catch(() => {});
  }

  /**
   * Reads the configuration again, and goes over to it only if all of it can be had.
   *
   * @throws what is in the way, which has been told.
   */
  private async reconfigure(goOver: (plan: Plan) => Promise<Change>): Promise<Change> {
    await this.supersedeTrial();
    this.manager.reloading();
    this.notice('notice', 'Starting reconfiguration');
    this.logs.reopen();
    try {
      const plan = await this.load();
      if (this.ending) throw new ConfigError('config-rejected', 'superd is ending');
      if (plan.wrong > 0) throw new ConfigError('config-rejected', `${this.path} has errors`);
      this.logs.configure([...this.plans, ...plan.services, ...plan.muxed]);
      const change = await goOver(plan);
      const { added, kept, dropped } = change;
      this.notice('notice', `Reconfigured: new=${added} old=${kept} dropped=${dropped} (services)`);
      this.runs(plan);
      return change;
    } catch (error) {
      if (!this.ending) this.notice('error', `reconfiguration failed, nothing has changed: ${(error as Error).message}`);
      throw error;
    } finally {
      this.reconfigured();
    }
  }

  private reconfigured(): void {
    this.logs.configure([...this.plans, ...(this.trial === null ? [] : plansOf(this.trial.before))]);
    if (this.ending) return;
    this.manager.ready(this.counted());
    settleSoon();
    if (this.engine.size === 0 && !this.options.stayAlive) this.endForWantOfServices();
  }

  private runs(plan: RunningPlan): void {
    this.current = plan;
    this.admitCallers(plan);
    this.secondLook.follow(plan);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }

  /** Goes over to the configuration as it stands, and back unless somebody confirms it in time. */
  private async startTrial(ms: number): Promise<Trial> {
    const before = this.current as RunningPlan;
    const change = await this.reconfigure((plan) => this.engine.try(plan));
    /** Unless something else has taken its place meanwhile. */
    const settle = (act: () => Promise<void>) => async () => {
      if (this.trial?.trial !== trial) return;
      this.trial = null;
      await act();
    };
    const trial: Trial = new Trial(ms, this.now() + ms, {
      confirm: () => this.inTurn(settle(change.finish)),
      rollBack: () => this.inTurn(settle(() => this.goBack(before))),
    });
    this.trial = { trial, before, finish: settle(change.finish) };
    this.reconfigured();
    return trial;
  }

  private async goBack(before: RunningPlan): Promise<void> {
    if (this.ending) return;
    try {
      this.logs.configure([...this.plans, ...plansOf(before)]);
      await this.engine.reload(before);
      this.notice('warning', 'the new configuration was not confirmed: the one before runs again');
      this.runs(before);
    } catch (error) {
      this.notice('error', `the configuration before could not be brought back: ${(error as Error).message}`);
      throw error;
    } finally {
      this.reconfigured();
    }
  }

  /** Who reads the configuration again has seen what is tried. */
  private async supersedeTrial(): Promise<void> {
    if (this.trial === null) return;
    const { trial, finish } = this.trial;
    await (trial.isPending ? trial.supersede(finish) : finish());
  }

  private queueNames(names: readonly string[]): void {
    void this.inTurn(async () => {
      if (!this.ending && this.trial === null) await this.takeNames(names);
      else this.secondLook.schedule();
    });
  }

  /** The same configuration with addresses that were not known before; whatever is in the way, the next try may do better. */
  private async takeNames(names: readonly string[]): Promise<void> {
    const readAt = Date.now();
    try {
      const loaded = await this.loadAll();
      const wrong = loaded.diagnostics.some(({ severity }) => severity === 'error');
      if (this.ending || wrong || !this.secondLook.isUntouched(loaded.plan.files)) return;
      const { plan, unresolved } = loaded;
      await this.engine.reload(plan);
      this.notice('notice', `names that have an address now: ${names.join(' ')}`);
      this.runs({ ...plan, unresolved, readAt });
    } catch (error) {
      this.notice('error', `reconfiguration failed, nothing has changed: ${(error as Error).message}`);
    } finally {
      this.secondLook.schedule();
    }
  }

  /** xinetd(8): a configuration without services ends the daemon, unless it was told to stay alive. */
  private endForWantOfServices(): void {
    this.notice('critical', 'No available services. Exiting');
    void this.stop(() => this.engine.stop(), this.options.xinetdStyle ? 1 : 100);
  }

  /** Once: a second signal while servers end changes nothing. */
  private async stop(close: () => Promise<void>, status = 0): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    this.notice('warning', 'Exiting...');
    this.manager.stopping();
    this.control?.close();
    await close();
    this.store.close();
    this.removePidfile();
    this.logs.close();
    this.finish(status);
  }

  /** At a place that the operator named it is there or superd does not run; at the usual one another superd may have been first. */
  private answerControl(plan: Plan): void {
    const wanted = this.options.control;
    const path = wanted ?? defaultControlSocket(process.env);
    if (path === null || path === 'none') return;
    try {
      this.control = new ControlDoor(path, this.controlled());
      this.admitCallers(plan);
    } catch (error) {
      if (wanted !== null) throw error;
      this.notice('info', `without a control socket: ${(error as Error).message}`);
    }
  }

  private admitCallers(plan: Plan): void {
    this.callers = plan.control;
    this.control?.refresh();
  }

  private controlled(): Controlled {
    const { engine, metrics, loopDelay, startedAt, path, now, listeners } = this;
    return {
      engine,
      metrics,
      loopDelay,
      startedAt,
      configPath: path,
      inetdConf: this.options.inetdConf,
      pidfile: this.options.pidfile,
      state: this.store.directory,
      now,
      version: version(),
      recent: new Recent(),
      addresses: new PrivateAddresses(),
      callers: () => this.callers,
      load: () => this.loadAll(),
      switch: (ids, how) => this.switch(ids, how),
      runBlocks: () => this.runServices.blocks,
      run: (name, usual, lines) => this.untried(() => this.runServices.add(name, usual, lines)),
      delete: (ids) => this.untried(() => this.delete(ids)),
      apply: () => this.inTurn(() => this.reconfigure((plan) => engine.reload(plan))),
      try: (ms) => this.inTurn(() => this.startTrial(ms)),
      trial: () => this.trial?.trial ?? null,
      keep: () => this.store.flush(),
      shutdown: () => void this.stop(() => engine.stop()),
      onError: (error) => this.notice('error', `internal error: ${error instanceof Error ? error.stack : String(error)}`),
      onEvent: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
  }

  /** What the files say themselves needs no switch. */
  private async switch(ids: readonly string[], how: 'on' | 'off'): Promise<void> {
    const { report } = await loadConfiguration(this.path, this.options, new Map(), this.runServices.blocks);
    const off = new Set(report.services.filter(({ status }) => status === 'disabled').map(({ id }) => id));
    const isOn = how === 'on';
    const asWritten = ids.filter((id) => off.has(id) !== isOn);
    this.switches.set(asWritten, null);
    this.switches.set(
      ids.filter((id) => off.has(id) === isOn),
      isOn,
    );
  }

  private async delete(ids: readonly string[]): Promise<void> {
    await this.runServices.remove(ids);
    this.switches.set(ids, null);
    this.engine.forgetWishes(ids);
  }

  private dump(): void {
    const { dumpFile, processLimit } = this.options;
    try {
      dumpState(dumpFile, { services: this.services, muxed: this.engine.muxed, configFile: this.path, processLimit, now: this.now() });
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

  private counted(): string {
    return `${this.engine.size} available service${this.engine.size === 1 ? '' : 's'}`;
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

type RunningPlan = Plan & { readonly unresolved: readonly string[]; readonly readAt: number };

const plansOf = ({ services, muxed }: Plan) => [...services, ...muxed];

const NOBODY: Plan['control'] = { admin: { uids: [], gids: [] }, read: { uids: [], gids: [] } };

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
