import type { ServicePlan } from '../config/plan.js';
import { difference, mayCollide, sameEndpoint } from './diff.js';
import type { Service } from './service.js';

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
  const heirs = pairHeirs(started, dropped);
  const retiring = dropped.filter((old) => ![...heirs.values()].includes(old));
  const isSuccessor = ({ plan }: Service) => retiring.some((old) => mayCollide(old.plan.endpoint, plan.endpoint));
  const opening = started.filter((service) => !heirs.has(service));
  const fresh = opening.filter((service) => !isSuccessor(service));

  openAll(fresh);
  try {
    replace(retiring, opening.filter(isSuccessor));
  } catch (error) {
    for (const service of fresh) service.release();
    throw error;
  }

  for (const [service, predecessor] of heirs) service.adopt(predecessor);
  for (const { service, plan } of kept) service.exchange(plan);
  for (const service of dropped) service.stop();
  for (const service of started) service.watch();
  const byPlan = new Map([...kept.map(({ service }) => service), ...started].map((service) => [service.plan, service]));
  return { services: next.map((plan) => byPlan.get(plan) as Service), added: started, dropped, kept: kept.map(({ service }) => service) };
}

/**
 * Services that will be dropped while a server of theirs has the socket in the place of a new one: it has to end before anything
 * can be opened there.
 */
export function servicesInTheWay(running: readonly Service[], next: readonly ServicePlan[]): Service[] {
  const { added, dropped } = difference(running, next);
  return dropped.filter(
    ({ state, plan }) =>
      state === 'lent' && added.some(({ endpoint }) => mayCollide(plan.endpoint, endpoint) && !sameEndpoint(plan.endpoint, endpoint)),
  );
}

/** New services that want the very socket that an old one gives up. */
function pairHeirs(started: readonly Service[], dropped: readonly Service[]): Map<Service, Service> {
  const heirs = new Map<Service, Service>();
  const free = dropped.filter(({ socket }) => socket !== -1);
  for (const service of started) {
    const index = free.findIndex((old) => sameEndpoint(old.plan.endpoint, service.plan.endpoint));
    if (index !== -1) heirs.set(service, free.splice(index, 1)[0] as Service);
  }
  return heirs;
}

/** All or none. */
function openAll(services: readonly Service[]): void {
  const opened: Service[] = [];
  try {
    for (const service of services) {
      service.open();
      opened.push(service);
    }
  } catch (error) {
    for (const service of opened) service.release();
    throw error;
  }
}

/** Where the new socket needs the place of the old one, the old is closed first and opened again if the new one fails. */
function replace(old: readonly Service[], successors: readonly Service[]): void {
  const released = old.filter(
    ({ socket, plan }) => socket !== -1 && successors.some((next) => mayCollide(plan.endpoint, next.plan.endpoint)),
  );
  for (const service of released) service.release();
  try {
    openAll(successors);
  } catch (error) {
    for (const service of released) service.reclaim();
    throw error;
  }
}
