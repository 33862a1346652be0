import { builtins } from '../builtins/table.js';
import type { InheritedSocket } from '../listen/inherited.js';
import { Sockets } from '../listen/sockets.js';
import { openLoop } from '../os/loop.js';
import type { Inheritance } from '../process/launch.js';
import { Reaper } from '../process/reaper.js';
import { Relays } from '../relay/relays.js';
import type { EventSink, Notice } from '../report/event.js';
import type { Metrics } from '../report/metrics/metrics.js';
import { memoryStore } from '../state/store.js';
import { GateAsker } from './connections/ask-gate.js';
import { BannerFiles } from './connections/banner-files.js';
import { Banning } from './connections/banning.js';
import { Connections } from './connections/connections.js';
import { ProxyHeaders } from './connections/proxy-headers.js';
import type { Runtime } from './context.js';
import { SocketReaders } from './datagrams/readers.js';
import { dispatch, type Recipients } from './dispatch.js';
import { LiveTables } from './lookups/access-tables.js';
import { Commands } from './lookups/commands.js';
import { surroundings } from './lookups/gate-context.js';
import { LookUps } from './lookups/look-ups.js';
import { Services } from './reload/services.js';
import { AuxiliaryListeners } from './services/auxiliary-listeners.js';
import { house } from './services/builtin-context.js';
import { descriptors } from './services/descriptors.js';
import { RpcRegistrations } from './services/rpc-registrations.js';
import { TcpmuxServices } from './services/tcpmux-services.js';
import { SpawnRetries } from './sessions/spawn-retries.js';

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

/** Makes the parts of the running daemon, and gives each what it needs of the others. */
export function assemble({ emit, inheritance, now, processLimit, inherited, metrics, exposition }: EngineOptions): Recipients {
  const notice = (level: Notice['level'], message: string) => emit({ type: 'notice', at: now(), level, message });
  const warn = (problem: string) => notice('warning', problem);
  const onError = (error: unknown) => notice('error', `internal error: ${describe(error)}`);
  const sessions: Runtime['sessions'] = new Set();
  const beside = { count: 0 };
  const reaper = new Reaper();
  const commands = new Commands(reaper, inheritance);
  const tables = new LiveTables((severity, message) => notice(severity === 'note' ? 'notice' : severity, message));
  const around = surroundings(
    () => sessions.size - beside.count,
    processLimit,
    now,
    () => tables.current(),
    warn,
  );
  let lastToken = 0;
  let lastSession = 0;
  const runtime: Runtime = {
    loop: openLoop(
      dispatch(() => recipients, onError),
      SPAWN_THREADS,
    ),
    reaper,
    inheritance,
    surroundings: around,
    descriptors: descriptors(),
    sockets: new Sockets(inherited),
    sessions,
    emit,
    notice,
    onError,
    now,
    lookUps: new LookUps(commands, warn),
    commands,
    tables,
    beside,
    banning: new Banning({ surroundings: around, emit, now }),
    store: memoryStore(),
    muxed: new TcpmuxServices((service, socket, peer, over) => recipients.connections.handedOn(service, socket, peer, over)),
    builtins: builtins(),
    metrics,
    house: house(() => recipients.services.all, now, exposition),
    services: () => recipients.services.all,
    relays: new Relays(),
    proxyHeaders: new ProxyHeaders(() => runtime),
    registrations: new RpcRegistrations(notice, onError),
    retries: new SpawnRetries(),
    banners: new BannerFiles(warn),
    readers: new Map(),
    nextToken: () => ++lastToken,
    nextSession: () => ++lastSession,
  };
  const doorkeeper = new GateAsker(runtime);
  const recipients: Recipients = {
    runtime,
    services: new Services(runtime),
    sideDoors: new AuxiliaryListeners(runtime),
    connections: new Connections(runtime, doorkeeper),
    socketReaders: new SocketReaders(runtime, doorkeeper),
  };
  return recipients;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
