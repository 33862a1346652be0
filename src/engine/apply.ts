import type { ServicePlan } from '../config/plan.js';
import { difference, mayCollide } from './diff.js';
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
  const collides = (plan: ServicePlan) => dropped.some((old) => mayCollide(old.plan.endpoint, plan.endpoint));
  const fresh = added.filter((plan) => !collides(plan)).map(create);
  const successors = added.filter(collides).map(create);

  openAll(fresh);
  try {
    replace(dropped, successors);
  } catch (error) {
    for (const service of fresh) service.release();
    throw error;
  }

  for (const { service, plan } of kept) service.exchange(plan);
  for (const service of dropped) service.stop();
  const started = [...fresh, ...successors];
  for (const service of started) service.watch();
  const byPlan = new Map([...kept.map(({ service }) => service), ...started].map((service) => [service.plan, service]));
  return { services: next.map((plan) => byPlan.get(plan) as Service), added: started, dropped, kept: kept.map(({ service }) => service) };
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
  if (successors.length === 0) return;
  const released = old.filter((service) => successors.some((next) => mayCollide(service.plan.endpoint, next.plan.endpoint)));
  for (const service of released) service.release();
  try {
    openAll(successors);
  } catch (error) {
    for (const service of released) service.reclaim();
    throw error;
  }
}
