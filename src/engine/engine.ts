import { parseAddress } from '../address/address.js';
import type { Plan } from '../config/plan.js';
import { sourceCheck } from '../gate/checks/source.js';
import { openLoop } from '../os/loop.js';
import type { Inheritance } from '../process/launch.js';
import { Reaper } from '../process/reaper.js';
import { stopAll } from '../process/stop.js';
import type { EventSink } from '../report/event.js';
import { applyPlan } from './apply.js';
import { confirmedNames } from './client-name.js';
import { Connections } from './connection.js';
import { descriptors } from './descriptors.js';
import { Handover } from './handover.js';
import type { Runtime } from './runtime.js';
import { Service } from './service.js';
import type { Session } from './session.js';
import { surroundings } from './surroundings.js';

/** As many as make the shortest tail on two cores: docs/performance.md. */
const SPAWN_THREADS = 2;

export interface EngineOptions {
  readonly emit: EventSink;
  readonly inheritance: Inheritance;
  /** Milliseconds since the epoch; not always the machine's clock (`--clock`). */
  readonly now: () => number;
  /** `-limit`: instances of all services together; Infinity is none. */
  readonly processLimit: number;
}

/** The running daemon: everything that listens and everything that was started, under one plan at a time. */
export class Engine {
  private running: readonly Service[] = [];
  /** Every service that still has something to its name, by the token its socket is known under. */
  private readonly byToken = new Map<number, Service>();
  private readonly runtime: Runtime;
  private readonly connections: Connections;
  private readonly handover: Handover;
  private lastToken = 0;
  private lastSession = 0;

  constructor(options: EngineOptions) {
    const reaper = new Reaper();
    const { emit, inheritance, now } = options;
    const loop = openLoop(
      {
        accepted: (token, record) => {
          const service = this.byToken.get(token);
          if (service === undefined) return false;
          const { fd } = record;
          const taken = this.connections.accepted(service, record);
          if (this.runtime.descriptors.shortAt(fd)) service.hold();
          return taken;
        },
        acceptFailed: (token) => this.byToken.get(token)?.hold(),
        readable: (token) => {
          const service = this.byToken.get(token);
          if (service !== undefined) this.handover.readable(service);
        },
        spawned: (token, pid) => reaper.spawned(token, pid),
        spawnFailed: (token, step, errno) => reaper.spawnFailed(token, step, errno),
        exited: (token, exit, usage) => reaper.exited(token, exit, usage),
        onError: (error) => emit({ type: 'notice', at: now(), level: 'error', message: `internal error: ${describe(error)}` }),
      },
      SPAWN_THREADS,
    );
    this.runtime = {
      loop,
      reaper,
      inheritance,
      surroundings: surroundings(() => reaper.size, options.processLimit, now),
      descriptors: descriptors(),
      emit,
      now,
      confirmedName: confirmedNames(),
      nextSession: () => ++this.lastSession,
    };
    this.connections = new Connections(this.runtime);
    this.handover = new Handover(this.runtime);
  }

  get services(): readonly Service[] {
    return this.running;
  }

  /** Starts the first plan: a service whose socket cannot be opened is left out, loudly, and the others run. */
  start(plan: Plan): void {
    const opened: Service[] = [];
    for (const servicePlan of plan.services) {
      const service = this.create(servicePlan);
      try {
        service.open();
        opened.push(service);
      } catch (error) {
        service.fail((error as Error).message);
        this.byToken.delete(service.token);
      }
    }
    for (const service of opened) service.watch();
    this.running = opened;
  }

  /** Goes over to another plan, or throws and leaves everything as it is. Sessions that the new rules refuse are ended. */
  async reload(plan: Plan): Promise<{ added: number; kept: number; dropped: number }> {
    const applied = applyPlan(this.running, plan.services, (servicePlan) => this.create(servicePlan));
    this.running = applied.services;
    for (const service of applied.dropped) this.byToken.delete(service.token);
    await stopAll([...applied.dropped.flatMap(({ sessions }) => [...sessions]), ...applied.kept.flatMap(excluded)]);
    return { added: applied.added.length, kept: applied.kept.length, dropped: applied.dropped.length };
  }

  /** Closes every door, then ends every server. */
  async stop(): Promise<void> {
    this.closeDoors();
    await stopAll(this.running.flatMap(({ sessions }) => [...sessions]));
    this.runtime.loop.close();
  }

  /** Closes every door and leaves the servers to themselves. */
  abandon(): void {
    this.closeDoors();
    this.runtime.loop.close();
  }

  private closeDoors(): void {
    for (const service of this.running) service.stop();
  }

  private create(plan: Plan['services'][number]): Service {
    const service = new Service(this.runtime, plan, ++this.lastToken);
    this.byToken.set(service.token, service);
    return service;
  }
}

/** Sessions of a service whose source its rules no longer let in. */
function excluded({ plan, sessions, tally }: Service): Session[] {
  if (plan.gate.onlyFrom === null && plan.gate.noAccess === null) return [];
  const check = sourceCheck(plan.gate.onlyFrom, plan.gate.noAccess);
  return [...sessions].filter(({ peer }) => {
    const address = peer.address === null ? null : parseAddress(peer.address.replace(/%.*/, ''));
    return address !== null && check.ask({ address, source: '', now: 0, name: undefined }, tally) === 'refuse';
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
