import type { ControlContext } from '../control/control-context.js';
import { RecentEvents } from '../control/recent-events.js';
import type { Event } from '../report/event.js';
import { PrivateAddresses } from '../report/log/private-address.js';
import type { LoopDelay } from '../report/metrics/loop-delay.js';
import type { Metrics } from '../report/metrics/metrics.js';
import type { Store } from '../state/store.js';
import type { DaemonContext } from './daemon-context.js';
import { defaultCredentials } from './load-configuration.js';
import type { RunningConfiguration } from './running-configuration.js';
import { version } from './version.js';

/** What the control socket uses beside the daemon context. */
interface ControlContextParts {
  readonly metrics: Metrics;
  readonly loopDelay: LoopDelay;
  readonly startedAt: number;
  readonly listeners: Set<(event: Event) => void>;
  readonly configuration: RunningConfiguration;
  readonly store: Store;
  readonly shutdown: () => void;
}

const NO_CLIENTS = { admin: { uids: [], gids: [] }, read: { uids: [], gids: [] } };

export function controlContext(context: DaemonContext, parts: ControlContextParts): ControlContext {
  const { engine, overrides, path, options, now, notice } = context;
  const { metrics, loopDelay, startedAt, listeners, configuration, store, shutdown } = parts;
  const { provisionalApplies, runServices } = configuration;
  return {
    engine,
    metrics,
    loopDelay,
    startedAt,
    configPath: path,
    inetdConf: options.inetdConf,
    pidfile: options.pidfile,
    state: store.directory,
    now,
    version: version(),
    recent: new RecentEvents(),
    addresses: new PrivateAddresses(),
    allowedClients: () => configuration.current?.control ?? NO_CLIENTS,
    defaultCredentials: defaultCredentials(options),
    enabledByOperator: () => overrides.enabled.all,
    load: () => configuration.read(),
    setEnabled: (ids, how) => configuration.setEnabled(ids, how),
    runBlocks: () => runServices.blocks,
    run: (name, usual, lines) => configuration.unlessProvisional(() => runServices.add(name, usual, lines)),
    delete: (ids) => configuration.unlessProvisional(() => configuration.delete(ids)),
    planOf: (loaded) => configuration.planOf(loaded),
    newMistakesIn: (loaded) => configuration.newMistakesIn(loaded),
    apply: () => configuration.inTurn(() => configuration.reload('refuse')),
    reload: () => configuration.inTurn(() => configuration.reload()),
    applyProvisionally: (ms) => configuration.inTurn(() => provisionalApplies.start(ms)),
    pendingApply: () => provisionalApplies.pending,
    flushState: () => store.flush(),
    shutdown,
    onError: (error) => notice('error', `internal error: ${error instanceof Error ? error.stack : String(error)}`),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
