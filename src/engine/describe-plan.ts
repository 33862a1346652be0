import type { ServicePlan } from '../config/plan.js';
import { describeEndpoint } from '../listen/open.js';

/** Where a service listens, for people: `tcp 127.0.0.1:7000`. */
export const describePlan = ({ endpoint }: ServicePlan): string => describeEndpoint(endpoint);
