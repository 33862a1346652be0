import type { ServiceDraft } from './draft.js';
import type { EndpointPlan, ServicePlan } from './plan.js';

/** Finds services that would listen on the same endpoint; the first keeps it, later ones are told and dropped. */
export function dropDuplicates(plans: readonly { draft: ServiceDraft; plan: ServicePlan }[]): ServicePlan[] {
  const taken = new Map<string, ServicePlan[]>();
  const kept: ServicePlan[] = [];
  for (const { draft, plan } of plans) {
    const { endpoint } = plan;
    const key = endpoint.family === 'unix' ? `unix ${endpoint.address}` : `${endpoint.protocol.name} ${endpoint.port}`;
    const bucket = taken.get(key) ?? [];
    const other = endpoint.family !== 'unix' && endpoint.port === 0 ? undefined : bucket.find((one) => collide(one.endpoint, endpoint));
    if (other === undefined) {
      bucket.push(plan);
      taken.set(key, bucket);
      kept.push(plan);
      continue;
    }
    const port = draft.settings.port ?? draft.settings.bind;
    draft.findings
      .at(port?.origin ?? plan.origin)
      .error(
        'duplicate-endpoint',
        `service ${plan.name} would listen where service ${other.name} (${other.origin.path}:${other.origin.line}) already does: ${key}; change the port or bind, or disable one`,
      );
  }
  return kept;
}

function collide(a: EndpointPlan, b: EndpointPlan): boolean {
  if (a.family === 'unix' || b.family === 'unix') return a.family === b.family;
  const families = a.family === 'dual' || b.family === 'dual' || a.family === b.family;
  if (!families) return false;
  if (a.address === b.address) return true;
  // A listening TCP socket on the wildcard takes the port from every address (tcp(7)); datagram sockets may share it.
  return a.type === 'stream' && (a.address === null || b.address === null);
}
