import type { EndpointPlan, ServicePlan } from '../../config/plan.js';

/** What a new plan changes. `S` is a running service. */
export interface Difference<S> {
  /** Services whose socket stays open while all else changes. */
  readonly kept: readonly { readonly service: S; readonly plan: ServicePlan }[];
  readonly added: readonly ServicePlan[];
  readonly dropped: readonly S[];
}

/** Pairs running services with those of a new plan by their `serviceKey`; among several with the same key, the one with the same id. */
export function difference<S extends { readonly plan: ServicePlan }>(running: readonly S[], next: readonly ServicePlan[]): Difference<S> {
  const free = new Map<string, S[]>();
  for (const service of running) {
    const key = serviceKey(service.plan);
    free.set(key, [...(free.get(key) ?? []), service]);
  }
  const kept: { service: S; plan: ServicePlan }[] = [];
  const added: ServicePlan[] = [];
  for (const plan of next) {
    const candidates = free.get(serviceKey(plan)) ?? [];
    const service = candidates.find((one) => one.plan.id === plan.id) ?? candidates[0];
    if (service === undefined) added.push(plan);
    else {
      candidates.splice(candidates.indexOf(service), 1);
      kept.push({ service, plan });
    }
  }
  return { kept, added, dropped: [...free.values()].flat() };
}

/** Everything that cannot change on an open socket: services with the same key can use the same socket. */
export function endpointKey({ family, type, protocol, address, device, port, backlog }: EndpointPlan): string {
  return JSON.stringify([family, type, protocol.number, address, device, port, backlog]);
}

/** A new service may take over the socket of an old one with the same key. */
export function successorKey({ endpoint, rpc }: ServicePlan): string {
  // A client that has learnt from rpcbind where a program is must not find another program there.
  return rpc === null ? endpointKey(endpoint) : `${rpc.program} ${endpointKey(endpoint)}`;
}

/** Where clients connect: waiting clients of an old service go to the new one with the same key, also when its socket is another. */
export function addressKey({ endpoint: { family, type, protocol, address, device, port }, rpc }: ServicePlan): string {
  return JSON.stringify([family, type, protocol.number, address, device, port, rpc === null ? null : rpc.program]);
}

/** Two services of different plans with the same key are the same service. */
export function serviceKey(plan: ServicePlan): string {
  const intercepts = plan.activation === 'request' && plan.intercepts !== null;
  return `${intercepts ? 'intercepts' : plan.wait} ${successorKey(plan)}`;
}

/**
 * Two sockets with the same key may be unable to be bound at once: the same type and port, or the same path. null conflicts with no other.
 *
 * @example bindKey({ ...endpoint, type: 'stream', port: 80 }) // 'stream 80'
 */
export function bindKey({ family, address, type, port }: EndpointPlan): string | null {
  if (family === 'unix') return `unix ${address}`;
  return port === 0 ? null : `${type} ${port}`;
}
