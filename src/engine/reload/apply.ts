import type { EndpointPlan, ServicePlan } from '../../config/plan.js';
import { SystemError } from '../../errors.js';
import { lacksAddress } from '../services/lacks-address.js';
import type { Service } from '../services/service.js';
import { addressKey, bindKey, difference, endpointKey, successorKey } from './diff.js';

/** What became of the services under a new plan. */
export interface Applied {
  readonly services: readonly Service[];
  readonly added: readonly Service[];
  readonly dropped: readonly Service[];
  readonly kept: readonly Service[];
  /** New services whose sockets cannot be opened yet, with the reason. */
  readonly unopened: ReadonlyMap<Service, SystemError>;
}

/** When a new socket cannot be opened: with `whole` the plan fails, unless only the address is missing; with `each` only its service waits. */
export type OpenPolicy = 'whole' | 'each';

/**
 * Replaces the running services by those of a new plan: opens everything new first, then swaps, then retires the old.
 *
 * @throws SystemError when a socket cannot be opened; then nothing has changed.
 */
export function applyPlan(
  running: readonly Service[],
  next: readonly ServicePlan[],
  create: (plan: ServicePlan) => Service,
  policy: OpenPolicy,
): Applied {
  const { kept, added, dropped } = difference(running, next);
  const started = added.map(create);
  const successors = pairSuccessors(started, dropped);
  const takenOver = new Set(successors.values());
  const retiring = dropped.filter((old) => !takenOver.has(old));
  const isTaken = boundBy(retiring.map(({ plan }) => plan));
  const isSuccessor = ({ plan }: Service) => isTaken(plan.endpoint);
  const opening = started.filter((service) => !successors.has(service));
  const fresh = opening.filter((service) => !isSuccessor(service));

  const unopened = openAll(fresh, policy);
  try {
    for (const [service, error] of replace(retiring, opening.filter(isSuccessor), policy)) unopened.set(service, error);
  } catch (error) {
    for (const service of fresh) service.listener.close();
    throw error;
  }

  for (const [service, predecessor] of successors) service.listener.adopt(predecessor.listener);
  for (const { service, plan } of kept) service.updatePlan(plan);
  const opened = started.filter((service) => !unopened.has(service));
  const byAddress = new Map(opened.map((service) => [addressKey(service.plan), service]));
  for (const service of dropped) {
    service.successor = byAddress.get(addressKey(service.plan)) ?? null;
    service.stop();
  }
  for (const service of opened) service.listen();
  const byPlan = new Map([...kept.map(({ service }) => service), ...opened].map((service) => [service.plan, service]));
  const services = next.map((plan) => byPlan.get(plan)).filter((service) => service !== undefined);
  return { services, added: opened, dropped, kept: kept.map(({ service }) => service), unopened };
}

/** Services that the new plan drops while a server has the socket whose address a new service needs: that server has to end first. */
export function servicesInTheWay(running: readonly Service[], next: readonly ServicePlan[]): Service[] {
  const { added, dropped } = difference(running, next);
  const handedOver = dropped.filter(({ state }) => state === 'handed-over');
  return handedOver.filter(({ plan }) => {
    const key = endpointKey(plan.endpoint);
    const bound = bindKey(plan.endpoint);
    return bound !== null && added.some(({ endpoint }) => bindKey(endpoint) === bound && endpointKey(endpoint) !== key);
  });
}

/** Whether one of these plans binds what an endpoint binds. There may be ten thousand endpoints and ten thousand plans. */
function boundBy(plans: readonly ServicePlan[]): (endpoint: EndpointPlan) => boolean {
  const taken = new Set(plans.map(({ endpoint }) => bindKey(endpoint)));
  taken.delete(null);
  return (endpoint) => taken.has(bindKey(endpoint));
}

/** New services that can take over the open socket of an old one. */
function pairSuccessors(started: readonly Service[], dropped: readonly Service[]): Map<Service, Service> {
  const successors = new Map<Service, Service>();
  const free = new Map<string, Service[]>();
  for (const old of dropped) {
    if (old.socket === -1) continue;
    const key = successorKey(old.plan);
    const others = free.get(key);
    if (others === undefined) free.set(key, [old]);
    else others.push(old);
  }
  for (const service of started) {
    if (service.stoppedByOperator) continue;
    const old = free.get(successorKey(service.plan))?.shift();
    if (old !== undefined) successors.set(service, old);
  }
  return successors;
}

/** Opens all services, or none. @returns those that wait, with the reason. */
function openAll(services: readonly Service[], policy: OpenPolicy): Map<Service, SystemError> {
  const tried: Service[] = [];
  const unopened = new Map<Service, SystemError>();
  try {
    for (const service of services) {
      // A service that fails halfway has a socket too.
      tried.push(service);
      const error = openOrWait(service, policy);
      if (error !== null) unopened.set(service, error);
    }
  } catch (error) {
    for (const service of tried) service.listener.close();
    throw error;
  }
  return unopened;
}

function openOrWait(service: Service, policy: OpenPolicy): SystemError | null {
  try {
    service.open();
    return null;
  } catch (error) {
    if (!(error instanceof SystemError) || (policy === 'whole' && !lacksAddress(error))) throw error;
    service.listener.close();
    return error;
  }
}

/** Closes old sockets whose addresses new ones need, and reopens them if a new one fails. */
function replace(old: readonly Service[], successors: readonly Service[], policy: OpenPolicy): Map<Service, SystemError> {
  const isWanted = boundBy(successors.map(({ plan }) => plan));
  const released = old.filter(({ socket, plan }) => socket !== -1 && isWanted(plan.endpoint));
  for (const service of released) service.listener.close();
  try {
    return openAll(successors, policy);
  } catch (error) {
    for (const service of released) service.reclaim();
    throw error;
  }
}
