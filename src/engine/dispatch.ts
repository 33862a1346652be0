import type { LoopHandlers } from '../os/loop.js';
import type { Connections } from './connections/connections.js';
import type { Runtime } from './context.js';
import type { SocketReaders } from './datagrams/readers.js';
import type { Services } from './reload/services.js';
import type { AuxiliaryListeners } from './services/auxiliary-listeners.js';

/** What the records of the native side are for. */
export interface Recipients {
  readonly runtime: Runtime;
  readonly services: Services;
  readonly sideDoors: AuxiliaryListeners;
  readonly connections: Connections;
  readonly socketReaders: SocketReaders;
}

/**
 * Takes each record of the native side to whom it is for.
 *
 * @param to Asked with each record: they are made after the loop that brings it.
 */
export function dispatch(to: () => Recipients, onError: (error: unknown) => void): LoopHandlers {
  return {
    accepted: (token, record) => {
      const { services, sideDoors, connections, runtime } = to();
      const service = services.find(token);
      const { fd } = record;
      if (service === undefined) return sideDoors.find(token)?.call(fd) ?? false;
      runtime.metrics.accepted++;
      const taken = connections.accepted(service, record);
      if (runtime.descriptors.shortAt(fd)) service.listener.hold();
      return taken;
    },
    acceptFailed: (token) => {
      const { services, sideDoors } = to();
      const service = services.find(token);
      if (service !== undefined) service.listener.hold();
      else sideDoors.find(token)?.rest();
    },
    readable: (token) => {
      const { services, socketReaders, runtime } = to();
      const service = services.find(token);
      if (service !== undefined) socketReaders.readable(service);
      else runtime.readers.get(token)?.();
    },
    spawned: (token, pid, microseconds) => {
      const { metrics, reaper } = to().runtime;
      metrics.spawned(microseconds);
      reaper.spawned(token, pid);
    },
    spawnFailed: (token, step, errno) => to().runtime.reaper.spawnFailed(token, step, errno),
    exited: (token, exit, usage) => to().runtime.reaper.exited(token, exit, usage),
    relayed: (token, relayed) => to().runtime.relays.relayed(token, relayed),
    relayFailed: (token, target, errno) => to().runtime.relays.failed(token, target, errno),
    onError,
  };
}
