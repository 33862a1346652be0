import { builtins } from '../builtins/table.js';
import type { Plan, ServicePlan } from '../config/plan.js';
import { ConfigError } from '../errors.js';
import type { Explanation } from '../gate/explain.js';
import type { InheritedSocket } from '../listen/inherited.js';
import { Sockets } from '../listen/sockets.js';
import { openLoop } from '../os/loop.js';
import { reapOrphans } from '../os/process.js';
import type { Inheritance } from '../process/launch.js';
import { Reaper } from '../process/reaper.js';
import { type Stoppable, stopAll } from '../process/stop.js';
import { Relays } from '../relay/relays.js';
import type { EventSink, Notice } from '../report/event.js';
import type { Metrics } from '../report/metrics/metrics.js';
import { memoryStore, type Store } from '../state/store.js';
import { LiveTables } from './access-tables.js';
import { applyPlan, servicesInTheWay } from './apply.js';
import { BannerFiles } from './banner-files.js';
import { Banning } from './banning.js';
import { Commands } from './commands.js';
import { Connections } from './connection.js';
import { contradictions } from './consistency.js';
import type { DatagramRedirects } from './datagram-redirect.js';
import { Datagrams } from './datagrams.js';
import { descriptors } from './descriptors.js';
import { difference, socketKey } from './diff.js';
import { Doorkeeper } from './doorkeeper.js';
import { excluded } from './excluded.js';
import { explainService } from './explain-service.js';
import { Handover } from './handover.js';
import { Held } from './held.js';
import { house } from './house.js';
import { LookUps } from './look-ups.js';
import { MuxedServices } from './muxed.js';
import { type Preview, preview } from './preview.js';
import { ProxyHeaders } from './proxy-headers.js';
import { Registrations } from './registrations.js';
import { hasDaemonsLeft } from './residents/left.js';
import type { Residents } from './residents.js';
import { Retries } from './retries.js';
import type { Runtime } from './runtime.js';
import type { Scripts } from './scripts.js';
import { ServerSession } from './server-session.js';
import { Service } from './service.js';
import { ServiceUnit } from './service-unit.js';
import type { Session } from './session.js';
import { type SideDoor, sideDoor } from './side-door.js';
import { surroundings } from './surroundings.js';
import type { Unit } from './unit.js';

/** As many as make the shortest tail on two cores: docs/performance.md. */
const SPAWN_THREADS = 2;

export interface EngineOptions {
  readonly emit: EventSink;
  readonly inheritance: Inheritance;
  /** Milliseconds since the epoch; not always the machine's clock (`--clock`). */
  readonly now: () => number;
  /** `-limit`: instances of all services together; Infinity is none. */
  readonly processLimit: number;
  /** Sockets that the service manager passed to superd. */
  readonly inherited: readonly InheritedSocket[];
  /** Counts at their source what no event tells of. */
  readonly metrics: Metrics;
  /** What Prometheus reads, in pieces. */
  readonly exposition: () => Promise<Iterable<string>>;
}

/** What became of a change of plan. */
export interface Change {
  readonly added: number;
  readonly kept: number;
  readonly dropped: number;
  readonly retired: readonly Service[];
  /** Ends the sessions that the new plan has no place for. */
  finish(): Promise<void>;
}

const NO_CHANGE: Change = { added: 0, kept: 0, dropped: 0, retired: [], finish: async () => {} };

/** The running daemon: everything that listens and everything that was started, under one plan at a time. */
export class Engine {
  private running: readonly Service[] = [];
  /** Every service that still has something to its name, by the token its socket is known under. */
  private readonly byToken = new Map<number, Service>();
  /** Services whose sockets could not be opened when superd started, by what makes them the same in the next plan. */
  private readonly failed = new Map<string, Service>();
  private readonly held = new Held();
  /** While a plan is tried: services of the plan before, with their sessions. */
  private readonly retired = new Map<ServicePlan, Service>();
  private readonly sideDoors = new Map<number, SideDoor>();
  private residents: Residents | null = null;
  private scripts: Scripts | null = null;
  private readonly runtime: Runtime;
  private readonly connections: Connections;
  private readonly handover: Handover;
  private readonly datagrams: Datagrams;
  private readonly doorkeeper: Doorkeeper;
  private datagramRedirects: DatagramRedirects | null = null;
  private closed = false;
  private lastToken = 0;
  private lastSession = 0;

  constructor(options: EngineOptions) {
    const reaper = new Reaper();
    const { emit, inheritance, now, metrics } = options;
    const notice = (level: Notice['level'], message: string) => emit({ type: 'notice', at: now(), level, message });
    const onError = (error: unknown) => notice('error', `internal error: ${describe(error)}`);
    const relays = new Relays();
    const loop = openLoop(
      {
        accepted: (token, record) => {
          const service = this.byToken.get(token);
          const { fd } = record;
          if (service === undefined) return this.runtime.callers.get(token)?.(fd) ?? false;
          metrics.accepted++;
          const taken = this.connections.accepted(service, record);
          if (this.runtime.descriptors.shortAt(fd)) service.hold();
          return taken;
        },
        acceptFailed: (token) => {
          const service = this.byToken.get(token);
          if (service !== undefined) service.hold();
          else this.sideDoors.get(token)?.rest();
        },
        readable: (token) => {
          const service = this.byToken.get(token);
          if (service !== undefined) this.readable(service);
          else this.runtime.readers.get(token)?.();
        },
        spawned: (token, pid, microseconds) => {
          metrics.spawned(microseconds);
          reaper.spawned(token, pid);
        },
        spawnFailed: (token, step, errno) => reaper.spawnFailed(token, step, errno),
        exited: (token, exit, usage) => reaper.exited(token, exit, usage),
        relayed: (token, relayed) => relays.relayed(token, relayed),
        relayFailed: (token, target, errno) => relays.failed(token, target, errno),
        onError,
      },
      SPAWN_THREADS,
    );
    const tables = new LiveTables((severity, message) => notice(severity === 'note' ? 'notice' : severity, message));
    const commands = new Commands(reaper, inheritance);
    const around = surroundings(
      () => this.runtime.sessions.size - this.runtime.beside.count,
      options.processLimit,
      now,
      () => tables.current(),
      (problem) => notice('warning', problem),
    );
    this.runtime = {
      loop,
      reaper,
      inheritance,
      surroundings: around,
      descriptors: descriptors(),
      sockets: new Sockets(options.inherited),
      sessions: new Set(),
      emit,
      onError,
      now,
      lookUps: new LookUps(commands, (problem) => notice('warning', problem)),
      commands,
      tables,
      beside: { count: 0 },
      banning: new Banning({ surroundings: around, emit, now }),
      store: memoryStore(),
      muxed: new MuxedServices((service, socket, peer, over) => this.connections.handedOn(service, socket, peer, over)),
      builtins: builtins(),
      metrics,
      house: house(() => this.running, now, options.exposition),
      services: () => this.running,
      relays,
      proxyHeaders: new ProxyHeaders(() => this.runtime),
      registrations: new Registrations(notice, onError),
      retries: new Retries(),
      banners: new BannerFiles((problem) => notice('warning', problem)),
      readers: new Map(),
      callers: new Map(),
      nextToken: () => ++this.lastToken,
      nextSession: () => ++this.lastSession,
    };
    const doorkeeper = new Doorkeeper(this.runtime);
    this.doorkeeper = doorkeeper;
    this.connections = new Connections(this.runtime, doorkeeper);
    this.handover = new Handover(this.runtime, doorkeeper);
    this.datagrams = new Datagrams(this.runtime, doorkeeper);
  }

  get services(): readonly Service[] {
    return this.running;
  }

  /** Those behind tcpmux. */
  get muxed(): readonly Service[] {
    return this.runtime.muxed.all;
  }

  /** Everything an operator can name, in the order of the configuration; what could not be opened at the start is last. */
  units(): Unit[] {
    const doors = [...this.running, ...this.muxed, ...this.failed.values()].map((service) => new ServiceUnit(service, this));
    return [...doors, ...(this.residents?.units() ?? []), ...(this.scripts?.units() ?? [])];
  }

  /** What waits for another when superd starts. */
  get startPlan(): Pick<Plan, 'daemons' | 'scripts'> {
    return { daemons: this.residents?.plans ?? [], scripts: this.scripts?.plans ?? [] };
  }

  /** All of them, those of services that the plan no longer knows included. */
  get sessions(): ReadonlySet<Session> {
    return this.runtime.sessions;
  }

  /**
   * Hears connections at a listening socket that belongs to no service.
   *
   * @param caller Takes a connection, blocking and close-on-exec, or returns false to have it closed.
   * @returns what ends the hearing; the socket stays open.
   */
  hearConnections(fd: number, caller: (fd: number) => boolean): () => void {
    const token = this.runtime.nextToken();
    const door = sideDoor(this.runtime, fd, token);
    this.runtime.callers.set(token, caller);
    this.sideDoors.set(token, door);
    return () => {
      door.close();
      this.runtime.callers.delete(token);
      this.sideDoors.delete(token);
    };
  }

  /** @throws SystemError naming the step and the endpoint; the service has failed then. */
  open(service: Service): void {
    this.held.delete(service.plan.id);
    service.held = false;
    try {
      service.open();
    } catch (error) {
      service.fail((error as Error).message);
      throw error;
    }
    if (this.failed.delete(socketKey(service.plan))) this.running = [...this.running, service];
    this.byToken.set(service.token, service);
    service.watch();
  }

  close(service: Service): void {
    this.held.add(service.plan.id);
    service.held = true;
    service.stop();
  }

  /** Starts the first plan: a service whose socket cannot be opened is left out, loudly, and the others run. */
  async start(plan: Plan, store: Store): Promise<void> {
    this.runtime.store = store;
    this.held.use(store);
    this.runtime.banning.use(plan);
    this.runtime.banning.start(store);
    this.runtime.tables.use(plan.tables);
    this.running = plan.services.flatMap((servicePlan) => this.openOrTell(servicePlan));
    for (const service of this.running) service.watch();
    this.useMuxed(plan);
    for (const { fd, name } of this.runtime.sockets.unused)
      this.tell('warning', `descriptor ${fd}${name === '' ? '' : ` (${name})`} of the service manager: no service listens there`);
    if (plan.daemons.length > 0 || hasDaemonsLeft(store)) (await this.withResidents())?.start(plan.daemons);
    if (plan.scripts.length > 0) (await this.withScripts())?.start(plan.scripts);
  }

  /** Loaded with the first of them: most configurations have none. null when superd has been told to end meanwhile. */
  private async withResidents(): Promise<Residents | null> {
    const { Residents } = await import('./residents.js');
    if (this.closed) return null;
    this.residents ??= new Residents(this.runtime);
    return this.residents;
  }

  /** They stand on what keeps resident daemons. */
  private async withScripts(): Promise<Scripts | null> {
    const residents = await this.withResidents();
    const { Scripts } = await import('./scripts.js');
    if (residents === null || this.closed) return null;
    this.scripts ??= new Scripts(this.runtime, residents, this.runtime.store);
    return this.scripts;
  }

  /** Reaps what nobody waits for. */
  reapOrphans(): void {
    if (this.residents === null) reapOrphans();
    else this.residents.reap();
  }

  /** Everything there is to look after. */
  get size(): number {
    return this.running.length + (this.residents?.size ?? 0) + (this.scripts?.size ?? 0);
  }

  /**
   * Goes over to another plan, or throws and leaves everything as it is. Sessions that the new rules refuse are ended. A service
   * that could not be opened at the start, and cannot yet, is no obstacle.
   */
  async reload(plan: Plan): Promise<Change> {
    const change = await this.goOver(plan);
    await change.finish();
    return change;
  }

  /**
   * As `reload`, but nothing is ended before `finish` of the answer is called. Until then `reload` with the plan before brings back
   * every service with its sessions.
   */
  async try(plan: Plan): Promise<Change> {
    const lent = difference(this.running, plan.services).dropped.filter(({ state }) => state === 'lent');
    if (lent.length > 0)
      throw new ConfigError(
        'config-rejected',
        `cannot be tried: a server has the socket of ${lent.map(({ plan: { id } }) => id).join(', ')}`,
      );
    const change = await this.goOver(plan);
    for (const service of change.retired) this.retired.set(service.plan, service);
    return change;
  }

  /** What `reload` would do with this plan. */
  async preview(plan: Plan): Promise<Preview> {
    const { muxed, lookUps } = this.runtime;
    const open = { difference: difference(this.running, plan.services), next: plan.services };
    const { steps, lost } = await preview([open, { difference: muxed.difference(plan.muxed), next: plan.muxed }], lookUps.names);
    if (plan.daemons.length + plan.scripts.length === 0 && this.residents === null) return { steps, lost };
    const { previewDaemons, previewScripts } = await import('./residents/preview.js');
    const daemons = previewDaemons(this.residents?.plans ?? [], plan.daemons);
    return { steps: [...steps, ...daemons, ...previewScripts(this.scripts?.plans ?? [], plan.scripts)], lost };
  }

  private useMuxed({ muxed: plans }: Plan) {
    const { muxed } = this.runtime;
    const change = muxed.use(plans, this.runtime);
    for (const service of muxed.all) if (this.held.has(service.plan.id)) this.close(service);
    return change;
  }

  private async goOver(plan: Plan): Promise<Change> {
    const again = plan.services.filter((servicePlan) => this.failed.has(socketKey(servicePlan)));
    const wanted = plan.services.filter((servicePlan) => !this.failed.has(socketKey(servicePlan)));
    const inTheWay = servicesInTheWay(this.running, wanted);
    for (const service of inTheWay) service.withdraw();
    await this.end(inTheWay.flatMap(({ sessions }) => [...sessions]));
    const comeBack = await this.residents?.makeWay(new Set(plan.services.map(({ id }) => id)));
    if (this.closed) return NO_CHANGE;
    const { services, added, kept, dropped } = this.swap(wanted, inTheWay, comeBack);
    this.retired.clear();
    this.runtime.tables.use(plan.tables);
    this.runtime.banning.use(plan);
    this.failed.clear();
    const late = again.flatMap((servicePlan) => this.openOrTell(servicePlan));
    for (const service of late) service.watch();
    this.running = [...services, ...late];
    const muxed = this.useMuxed(plan);
    // A script that a daemon takes the place of is stopped before.
    const scripts = await this.reloadScripts(plan);
    const residents = await this.reloadResidents(plan);
    const finish = async () => {
      this.retired.clear();
      const refused = await Promise.all([...kept, ...muxed.kept].map((service) => excluded(service, this.runtime.lookUps.names)));
      await this.end([...[...dropped, ...muxed.dropped].flatMap(({ sessions }) => [...sessions]), ...refused.flat()]);
      for (const service of [...dropped, ...muxed.dropped]) service.cleanUp();
    };
    return {
      added: added.length + late.length + residents.added + scripts.added,
      kept: kept.length + residents.kept + scripts.kept,
      dropped: dropped.length + residents.dropped + scripts.dropped,
      retired: dropped,
      finish,
    };
  }

  private async reloadResidents({ daemons }: Plan): Promise<{ added: number; kept: number; dropped: number }> {
    if (daemons.length === 0 && this.residents === null) return { added: 0, kept: 0, dropped: 0 };
    return (await this.withResidents())?.reload(daemons) ?? NO_CHANGE;
  }

  private async reloadScripts({ scripts }: Plan): Promise<{ added: number; kept: number; dropped: number }> {
    if (scripts.length === 0 && this.scripts === null) return { added: 0, kept: 0, dropped: 0 };
    return (await this.withScripts())?.reload(scripts) ?? NO_CHANGE;
  }

  /** What was started last is stopped first. */
  private async stopResident(): Promise<void> {
    await this.scripts?.stop();
    await this.residents?.stop();
  }

  /** Closes every door, then ends every server and every daemon. */
  async stop(): Promise<void> {
    this.closeDoors();
    await Promise.all([this.end(this.runtime.sessions), this.runtime.registrations.end(), this.stopResident()]);
    for (const service of [...this.running, ...this.runtime.muxed.all]) service.cleanUp();
    this.runtime.loop.close();
  }

  /** Closes every door and leaves the servers to themselves, also those on their way. */
  async abandon(): Promise<void> {
    this.closeDoors();
    await this.runtime.registrations.end();
    this.scripts?.abandon();
    this.residents?.abandon();
    for (const session of [...this.runtime.sessions]) if (session instanceof ServerSession) session.giveUpWaiting();
    while ([...this.runtime.sessions].some((session) => session instanceof ServerSession && session.pid === 0))
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    this.runtime.loop.close();
  }

  /** What a service would say to a client, check by check; nothing is changed. */
  explain(service: Service, address: string, port: number, at: number): Explanation {
    return explainService(this.runtime, service, address, port, at);
  }

  /** Whom no service lets in, and who decides about it. */
  get banning(): Banning {
    return this.runtime.banning;
  }

  /** What does not agree with itself in superd's own books; empty when all is well. */
  contradictions(): string[] {
    return contradictions(this.running, this.runtime, this.residents?.processes ?? 0);
  }

  private readable(service: Service): void {
    if (service.plan.activation === 'internal') this.datagrams.readable(service);
    else if (service.plan.activation === 'redirect') this.redirect(service);
    else this.handover.readable(service);
  }

  /** Loaded with the first datagram that is to be passed on. */
  private redirect(service: Service): void {
    if (this.datagramRedirects !== null) this.datagramRedirects.readable(service);
    else this.loadDatagramRedirects(service).catch(this.runtime.onError);
  }

  private async loadDatagramRedirects(service: Service): Promise<void> {
    const { DatagramRedirects } = await import('./datagram-redirect.js');
    this.datagramRedirects ??= new DatagramRedirects(this.runtime, this.doorkeeper);
    this.datagramRedirects.readable(service);
  }

  private swap(plans: readonly ServicePlan[], inTheWay: readonly Service[], comeBack: () => void = () => {}) {
    try {
      const applied = applyPlan(this.running, plans, (servicePlan) => this.create(servicePlan));
      for (const service of applied.dropped) this.byToken.delete(service.token);
      for (const service of applied.added) this.byToken.set(service.token, service);
      return applied;
    } catch (error) {
      for (const service of inTheWay) service.hear();
      comeBack();
      throw error;
    }
  }

  /** The new service, or none. */
  private openOrTell(plan: ServicePlan): Service[] {
    const service = this.create(plan);
    try {
      service.open();
    } catch (error) {
      this.failed.set(socketKey(plan), service);
      service.fail((error as Error).message);
      return [];
    }
    this.byToken.set(service.token, service);
    return [service];
  }

  private create(plan: ServicePlan): Service {
    const retired = this.retired.get(plan);
    if (retired !== undefined) return retired;
    const service = new Service(this.runtime, plan, this.runtime.nextToken());
    service.held = this.held.has(plan.id);
    return service;
  }

  /** @returns those that could not be ended, which is told. */
  async end(sessions: Iterable<Stoppable>): Promise<readonly Stoppable[]> {
    const left = await stopAll(sessions);
    for (const { pid } of left) this.tell('error', `process ${pid} could not be ended`);
    return left;
  }

  private closeDoors(): void {
    this.closed = true;
    this.runtime.banning.stop();
    for (const service of [...this.running, ...this.runtime.muxed.all]) {
      try {
        service.stop();
      } catch (error) {
        // The servers have to be ended all the same.
        this.runtime.onError(error);
      }
    }
  }

  private tell(level: Notice['level'], message: string): void {
    this.runtime.emit({ type: 'notice', at: this.runtime.now(), level, message });
  }
}

/** A start takes milliseconds; one that hangs is killed after two seconds. */
const LOOK_AGAIN_MS = 5;

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
