import type { LoopHandlers } from '../os/loop.js';
import type { Reaper } from '../process/reaper.js';
import type { Relays } from '../relay/relays.js';
import type { Metrics } from '../report/metrics/metrics.js';
import type { Connections } from './connections/connections.js';
import type { SocketReaders } from './datagrams/readers.js';
import type { Services } from './reload/services.js';
import type { AuxiliaryListeners } from './services/auxiliary-listeners.js';

/** Everything that a record of the addon can be for. */
export interface Recipients {
  readonly services: Services;
  readonly auxiliary: AuxiliaryListeners;
  readonly connections: Connections;
  readonly socketReaders: SocketReaders;
  readonly readers: ReadonlyMap<number, () => void>;
  readonly reaper: Reaper;
  readonly relays: Relays;
  readonly metrics: Metrics;
}

/**
 * Gives each record of the addon to its recipient.
 *
 * @param to Called for each record: the recipients are created after the loop.
 */
export function dispatch(to: () => Recipients, onError: (error: unknown) => void): LoopHandlers {
  return {
    accepted: (token, record) => {
      const { services, auxiliary, connections, metrics } = to();
      const service = services.find(token);
      if (service === undefined) return auxiliary.find(token)?.accept(record.fd) ?? false;
      metrics.accepted++;
      return connections.accepted(service, record);
    },
    acceptFailed: (token) => {
      const { services, auxiliary } = to();
      const service = services.find(token);
      if (service !== undefined) service.listener.handle('no-descriptors');
      else auxiliary.find(token)?.pause();
    },
    readable: (token) => {
      const { services, socketReaders, readers } = to();
      const service = services.find(token);
      if (service !== undefined) socketReaders.readable(service);
      else readers.get(token)?.();
    },
    spawned: (token, pid, microseconds) => {
      const { metrics, reaper } = to();
      metrics.spawned(microseconds);
      reaper.spawned(token, pid);
    },
    spawnFailed: (token, step, errno) => to().reaper.spawnFailed(token, step, errno),
    exited: (token, exit, usage) => to().reaper.exited(token, exit, usage),
    relayEnded: (token, relayed) => to().relays.relayEnded(token, relayed),
    relayFailed: (token, target, errno) => to().relays.failed(token, target, errno),
    onError,
  };
}
