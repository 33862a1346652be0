import type { BuiltinContext } from '../builtins/context.js';
import type { Builtins } from '../builtins/table.js';
import type { GateContext } from '../gate/context.js';
import type { Sockets } from '../listen/sockets.js';
import type { Loop } from '../os/loop.js';
import type { Inheritance } from '../process/launch.js';
import type { Reaper } from '../process/reaper.js';
import type { Relays } from '../relay/relays.js';
import type { EventSink, Notice } from '../report/event.js';
import type { Metrics } from '../report/metrics/metrics.js';
import type { Store } from '../state/store.js';
import type { BannerFiles } from './connections/banner-files.js';
import type { Banning } from './connections/banning.js';
import type { ProxyHeaders } from './connections/proxy-headers.js';
import type { LiveTables } from './lookups/access-tables.js';
import type { Commands } from './lookups/commands.js';
import type { LookUps } from './lookups/look-ups.js';
import type { Descriptors } from './services/descriptors.js';
import type { RpcRegistrations } from './services/rpc-registrations.js';
import type { Service } from './services/service.js';
import type { TcpmuxServices } from './services/tcpmux-services.js';
import type { Session } from './sessions/session.js';
import type { SpawnRetries } from './sessions/spawn-retries.js';

/** What every part of the running daemon needs from the rest; made once by the engine. */
export interface Runtime {
  readonly loop: Loop;
  readonly reaper: Reaper;
  readonly inheritance: Inheritance;
  readonly surroundings: GateContext;
  readonly descriptors: Descriptors;
  readonly sockets: Sockets;
  /** Of all services, those that the plan no longer knows included. */
  readonly sessions: Set<Session>;
  readonly emit: EventSink;
  /** Emits what is for people to read. */
  readonly notice: (level: Notice['level'], message: string) => void;
  /** Hears what went wrong in superd itself. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly lookUps: LookUps;
  readonly commands: Commands;
  readonly tables: LiveTables;
  readonly banning: Banning;
  /** Sessions that take nobody's place. */
  readonly beside: { count: number };
  /** What outlives the run; set when the engine starts. */
  store: Store;
  /** Those of the present plan; another array when there are others. */
  services(): readonly Service[];
  readonly muxed: TcpmuxServices;
  readonly builtins: Builtins;
  readonly house: BuiltinContext;
  readonly metrics: Metrics;
  readonly relays: Relays;
  readonly proxyHeaders: ProxyHeaders;
  readonly registrations: RpcRegistrations;
  readonly banners: BannerFiles;
  readonly retries: SpawnRetries;
  /** Who reads what else becomes readable, by the token it is watched under. */
  readonly readers: Map<number, () => void>;
  /** Unique in one run, among services and readers. */
  readonly nextToken: () => number;
  /** Ascending, unique in one run. */
  readonly nextSession: () => number;
}
