import type { EndpointPlan, ServicePlan } from '../../config/plan.js';
import type { Service } from '../services/service.js';
import { addressKey, bindKey, difference, endpointKey, successorKey } from './diff.js';

/** What became of a change of plan. */
export interface Applied {
  readonly services: readonly Service[];
  readonly added: readonly Service[];
  readonly dropped: readonly Service[];
  readonly kept: readonly Service[];
}

/**
 * Goes from the running services to those of a new plan: opens everything new first, then swaps, then retires the old.
 * If a socket cannot be opened the error is thrown and everything is as it was.
 */
export function applyPlan(running: readonly Service[], next: readonly ServicePlan[], create: (plan: ServicePlan) => Service): Applied {
  const { kept, added, dropped } = difference(running, next);
  const started = added.map(create);
  const heirs = pairSuccessors(started, dropped);
  const inherited = new Set(heirs.values());
  const retiring = dropped.filter((old) => !inherited.has(old));
  const isTaken = boundBy(retiring.map(({ plan }) => plan));
  const isSuccessor = ({ plan }: Service) => isTaken(plan.endpoint);
  const opening = started.filter((service) => !heirs.has(service));
  const fresh = opening.filter((service) => !isSuccessor(service));

  openAll(fresh);
  try {
    replace(retiring, opening.filter(isSuccessor));
  } catch (error) {
    for (const service of fresh) service.listener.close();
    throw error;
  }

  for (const [service, predecessor] of heirs) service.listener.adopt(predecessor.listener);
  for (const { service, plan } of kept) service.updatePlan(plan);
  const doors = new Map(started.map((service) => [addressKey(service.plan), service]));
  for (const service of dropped) {
    service.successor = doors.get(addressKey(service.plan)) ?? null;
    service.stop();
  }
  for (const service of started) service.listen();
  const byPlan = new Map([...kept.map(({ service }) => service), ...started].map((service) => [service.plan, service]));
  return { services: next.map((plan) => byPlan.get(plan) as Service), added: started, dropped, kept: kept.map(({ service }) => service) };
}

/**
 * Services that will be dropped while a server of theirs has the socket in the place of a new one: it has to end before anything
 * can be opened there.
 */
export function servicesInTheWay(running: readonly Service[], next: readonly ServicePlan[]): Service[] {
  const { added, dropped } = difference(running, next);
  const lent = dropped.filter(({ state }) => state === 'handed-over');
  return lent.filter(({ plan }) => {
    const key = endpointKey(plan.endpoint);
    const place = bindKey(plan.endpoint);
    return place !== null && added.some(({ endpoint }) => bindKey(endpoint) === place && endpointKey(endpoint) !== key);
  });
}

/** Tells of an endpoint whether one of these stands in its place. Asked of each of ten thousand, it must not look at ten thousand. */
function boundBy(plans: readonly ServicePlan[]): (endpoint: EndpointPlan) => boolean {
  const taken = new Set(plans.map(({ endpoint }) => bindKey(endpoint)));
  taken.delete(null);
  return (endpoint) => taken.has(bindKey(endpoint));
}

/** New services that want the very socket that an old one gives up. */
function pairSuccessors(started: readonly Service[], dropped: readonly Service[]): Map<Service, Service> {
  const heirs = new Map<Service, Service>();
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
    if (old !== undefined) heirs.set(service, old);
  }
  return heirs;
}

/** All or none. */
function openAll(services: readonly Service[]): void {
  const opened: Service[] = [];
  try {
    for (const service of services) {
      // One that fails halfway has a socket too.
      opened.push(service);
      service.open();
    }
  } catch (error) {
    for (const service of opened) service.listener.close();
    throw error;
  }
}

/** Where the new socket needs the place of the old one, the old is closed first and opened again if the new one fails. */
function replace(old: readonly Service[], successors: readonly Service[]): void {
  const isWanted = boundBy(successors.map(({ plan }) => plan));
  const released = old.filter(({ socket, plan }) => socket !== -1 && isWanted(plan.endpoint));
  for (const service of released) service.listener.close();
  try {
    openAll(successors);
  } catch (error) {
    for (const service of released) service.reclaim();
    throw error;
  }
}
