import type { EndpointPlan, ServicePlan } from '../../config/plan.js';

/** What a new plan means for the services that run. `S` is whatever stands for a running service. */
export interface Difference<S> {
  /** Same socket: it stays open, the rest is exchanged. */
  readonly kept: readonly { readonly service: S; readonly plan: ServicePlan }[];
  readonly added: readonly ServicePlan[];
  readonly dropped: readonly S[];
}

/**
 * Pairs running services with the services of a new plan. A pair is what listens at the same endpoint in the same manner;
 * among several of those the one with the same id is preferred.
 */
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

/** Everything that cannot be changed on an open socket: with the same key it can go from hand to hand. */
export function endpointKey({ family, type, protocol, address, port, backlog }: EndpointPlan): string {
  return JSON.stringify([family, type, protocol.number, address, port, backlog]);
}

/** With the same key the one may take over the socket of the other. */
export function successorKey({ endpoint, rpc }: ServicePlan): string {
  // Whoever has learnt from rpcbind where a program is must not find another there.
  return rpc === null ? endpointKey(endpoint) : `${rpc.program} ${endpointKey(endpoint)}`;
}

/** Where clients call: with the same key they mean the same, though the socket may be another. */
export function addressKey({ endpoint: { family, type, protocol, address, port }, rpc }: ServicePlan): string {
  return JSON.stringify([family, type, protocol.number, address, port, rpc === null ? null : rpc.program]);
}

/** What makes two services of different plans the same. */
export function serviceKey(plan: ServicePlan): string {
  const intercepts = plan.activation === 'request' && plan.intercepts !== null;
  return `${intercepts ? 'intercepts' : plan.wait} ${successorKey(plan)}`;
}

/**
 * Sockets with the same key may keep each other from being bound: the same kind and port, or the same path. null gets in nobody's way.
 *
 * @example placeKey({ ...endpoint, type: 'stream', port: 80 }) // 'stream 80'
 */
export function bindKey({ family, address, type, port }: EndpointPlan): string | null {
  if (family === 'unix') return `unix ${address}`;
  return port === 0 ? null : `${type} ${port}`;
}
