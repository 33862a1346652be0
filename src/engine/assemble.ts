import { builtins } from '../builtins/table.js';
import { reportError, reportErrorsTo } from '../guarded.js';
import type { InheritedSocket } from '../listen/inherited.js';
import { Sockets } from '../listen/sockets.js';
import { openLoop } from '../os/loop.js';
import type { Inheritance } from '../process/launch.js';
import { Reaper } from '../process/reaper.js';
import { Relays } from '../relay/relays.js';
import type { EventSink, Notice } from '../report/event.js';
import type { Metrics } from '../report/metrics/metrics.js';
import { answerOf } from './answers/answers.js';
import { Daemons } from './boot.js';
import { GateAsker } from './connections/ask-gate.js';
import { BannerFiles } from './connections/banner-files.js';
import { Banning } from './connections/banning.js';
import { Connections } from './connections/connections.js';
import { ProxyHeaders } from './connections/proxy-headers.js';
import type { OverrideContext, ReportContext, WatchContext } from './context.js';
import { SocketReaders } from './datagrams/readers.js';
import { dispatch, type Recipients } from './dispatch.js';
import { LiveTables } from './lookups/access-tables.js';
import { Commands } from './lookups/commands.js';
import { gateContextFor } from './lookups/gate-context.js';
import { LookUps } from './lookups/look-ups.js';
import { PlanUpdates } from './plan-updates.js';
import { RejectedServices } from './rejected.js';
import { Services } from './reload/services.js';
import type { EssentialEnded } from './residents/residents.js';
import type { Answer } from './services/answer.js';
import { AuxiliaryListeners } from './services/auxiliary-listeners.js';
import { builtinContext } from './services/builtin-context.js';
import { descriptors } from './services/descriptors.js';
import { RpcRegistrations } from './services/rpc-registrations.js';
import type { Service } from './services/service.js';
import { TcpmuxServices } from './services/tcpmux-services.js';
import { sharedPace } from './sessions/pace.js';
import type { Session } from './sessions/session.js';
import { SpawnRetries } from './sessions/spawn-retries.js';

/** Gives the lowest tail latency on two cores: docs/performance.md. */
const SPAWN_THREADS = 2;

export interface EngineOptions extends OverrideContext {
  readonly emit: EventSink;
  readonly inheritance: Inheritance;
  /** Milliseconds since the epoch; not always the machine's clock (`--clock`). */
  readonly now: () => number;
  /** `-limit`: instances of all services together; Infinity is none. */
  readonly processLimit: number;
  /** Sockets that the service manager passed to superd. */
  readonly inherited: readonly InheritedSocket[];
  readonly essentialEnded: EssentialEnded;
  /** Counts what no event reports. */
  readonly metrics: Metrics;
  /** The metrics for Prometheus, in pieces. */
  readonly exposition: () => Promise<Iterable<string>>;
}

/** The parts of the engine. */
export type EngineParts = ReturnType<typeof assemble>;

/** Creates the parts of the running daemon, and gives each what it needs of the others. */
export function assemble({
  emit,
  inheritance,
  now,
  processLimit,
  inherited,
  essentialEnded,
  metrics,
  exposition,
  overrides,
}: EngineOptions) {
  const notice = (level: Notice['level'], message: string) => emit({ type: 'notice', at: now(), level, message });
  const warn = (problem: string) => notice('warning', problem);
  const onError = reportError;
  reportErrorsTo((text) => notice('error', text));
  let lastToken = 0;
  let lastSession = 0;
  const sessions = new Set<Session>();
  const uncounted = { count: 0 };
  const reaper = new Reaper();
  const commands = new Commands({ reaper, inheritance });
  const tables = new LiveTables((severity, message) => notice(severity === 'note' ? 'notice' : severity, message));
  const gateContext = gateContextFor(
    () => sessions.size - uncounted.count,
    processLimit,
    now,
    () => tables.current(),
    warn,
  );
  const report: ReportContext = { emit, notice, onError, now };
  const loop = openLoop(
    dispatch(() => recipients, onError),
    SPAWN_THREADS,
  );
  const watch: WatchContext = {
    loop,
    readers: new Map(),
    nextToken: () => ++lastToken,
  };
  const context = {
    ...report,
    ...watch,
    reaper,
    inheritance,
    overrides,
    sessions,
    uncounted,
    nextSession: () => ++lastSession,
    commands,
    tables,
    gateContext,
    lookUps: new LookUps(commands, warn),
    descriptors: descriptors(loop),
    sockets: new Sockets(inherited),
    pace: sharedPace(),
    registrations: new RpcRegistrations(notice, onError),
    retries: new SpawnRetries(),
    banning: new Banning({ gateContext, emit, now }),
    banners: new BannerFiles(warn),
    proxyHeaders: new ProxyHeaders(watch),
    metrics,
    relays: new Relays(),
    builtins: builtins(),
    builtinContext: builtinContext(() => recipients.services.all, now, exposition),
    tcpmux: new TcpmuxServices((service, socket, peer, over) => recipients.connections.acceptFromTcpmux(service, socket, peer, over)),
    services: (): readonly Service[] => recipients.services.all,
    answerOf: (service: Service): Answer | null => answerOf(service, context),
  };
  const asker = new GateAsker(context);
  const recipients: Recipients = {
    ...context,
    services: new Services(context),
    auxiliary: new AuxiliaryListeners(context),
    connections: new Connections(context, asker),
    socketReaders: new SocketReaders(context, asker),
  };
  const daemons = new Daemons({ ...context, essentialEnded });
  const rejected = new RejectedServices(context);
  const updates = new PlanUpdates({ ...context, rejected }, recipients.services, daemons);
  return { ...context, ...recipients, daemons, rejected, updates };
}
