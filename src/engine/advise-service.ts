import { type Advice, advise } from '../gate/advise.js';
import type { Service } from './services/service.js';

/** Limits that would fit what was recorded of a service's sources; null when nothing was. */
export function adviseService({ tally }: Service, now: number): Advice | null {
  return tally.arrivals === null ? null : advise(tally.arrivals, now);
}
