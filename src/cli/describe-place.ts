import type { EndpointPlan } from '../config/plan.js';

/** @example describePlace(plan.endpoint) // 'tcp *:873' */
export function describePlace({ family, protocol, address, port }: EndpointPlan): string {
  if (family === 'unix') return `unix ${address}`;
  const host = address === null ? '*' : address.includes(':') ? `[${address}]` : address;
  return `${protocol.name} ${host}:${port}`;
}
