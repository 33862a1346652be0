import type { Controlled } from '../control/controlled.js';
import { Recent } from '../control/recent.js';
import type { Event } from '../report/event.js';
import { PrivateAddresses } from '../report/log/private-address.js';
import type { LoopDelay } from '../report/metrics/loop-delay.js';
import type { Metrics } from '../report/metrics/metrics.js';
import type { Store } from '../state/store.js';
import { defaultCredentials } from './configuration.js';
import type { Configurations, Household } from './configurations.js';
import { version } from './version.js';

/** What `controlled` shows to the control socket, beside the household. */
interface Insides {
  readonly metrics: Metrics;
  readonly loopDelay: LoopDelay;
  readonly startedAt: number;
  readonly listeners: Set<(event: Event) => void>;
  readonly configurations: Configurations;
  readonly store: Store;
  readonly shutdown: () => void;
}

const NOBODY = { admin: { uids: [], gids: [] }, read: { uids: [], gids: [] } };

/** The daemon as the control socket knows it. */
export function controlled(household: Household, insides: Insides): Controlled {
  const { engine, path, options, now, notice } = household;
  const { metrics, loopDelay, startedAt, listeners, configurations, store, shutdown } = insides;
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
    recent: new Recent(),
    addresses: new PrivateAddresses(),
    callers: () => configurations.current?.control ?? NOBODY,
    self: defaultCredentials(options),
    switched: () => configurations.switched,
    load: () => configurations.read(),
    switch: (ids, how) => configurations.switch(ids, how),
    runBlocks: () => configurations.runServices.blocks,
    run: (name, usual, lines) => configurations.untried(() => configurations.runServices.add(name, usual, lines)),
    delete: (ids) => configurations.untried(() => configurations.delete(ids)),
    apply: () => configurations.inTurn(() => configurations.reload()),
    try: (ms) => configurations.inTurn(() => configurations.trials.start(ms)),
    trial: () => configurations.trials.trial,
    keep: () => store.flush(),
    shutdown,
    onError: (error) => notice('error', `internal error: ${error instanceof Error ? error.stack : String(error)}`),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
