import type { ServiceDraft } from './draft.js';
import type { EndpointPlan, ServicePlan } from './plan.js';

/** Drops services that would listen on the same endpoint as an earlier one, and reports each. */
export function dropDuplicates(plans: readonly { draft: ServiceDraft; plan: ServicePlan }[]): ServicePlan[] {
  const taken = new Map<string, ServicePlan[]>();
  const kept: ServicePlan[] = [];
  for (const { draft, plan } of plans) {
    const { endpoint } = plan;
    if (plan.rpc !== null && reportSameProgram(draft, plan, kept)) continue;
    const key = placeOf(endpoint);
    const bucket = taken.get(key) ?? [];
    const other =
      endpoint.family !== 'unix' && endpoint.port === 0 ? undefined : bucket.find((one) => shareAddress(one.endpoint, endpoint));
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
        `service ${plan.name} would listen on the endpoint of service ${other.name} (${other.origin.path}:${other.origin.line}): ${key}; change port or bind, or disable one`,
      );
  }
  // A service with several addresses runs on all of them, or not at all.
  const failed = new Set(plans.filter(({ draft }) => draft.findings.failed).map(({ plan }) => plan));
  return kept.filter((plan) => !failed.has(plan));
}

/** rpcbind holds one address for each version of a program over each of tcp, udp, tcp6 and udp6, wherever the sockets are. */
function reportSameProgram(draft: ServiceDraft, { name, rpc, endpoint }: ServicePlan, kept: readonly ServicePlan[]): boolean {
  const other = kept.find(
    (one) =>
      one.rpc !== null &&
      rpc !== null &&
      one.rpc.program === rpc.program &&
      one.rpc.versions.low <= rpc.versions.high &&
      rpc.versions.low <= one.rpc.versions.high &&
      one.endpoint.type === endpoint.type &&
      familiesMeet(one.endpoint, endpoint),
  );
  if (other === undefined) return false;
  draft.findings
    .at(draft.settings.rpc_version?.origin ?? draft.block.origin)
    .error(
      'duplicate-endpoint',
      `service ${name} has the RPC registration of service ${other.name} (${other.origin.path}:${other.origin.line}): RPC program ${rpc?.program}, ${endpoint.protocol.name}; change rpc_version, or disable one`,
    );
  return true;
}

function familiesMeet(a: EndpointPlan, b: EndpointPlan): boolean {
  return a.family === 'dual' || b.family === 'dual' || a.family === b.family;
}

/** Whether the kernel could not bind both endpoints, or their clients could not tell which one answers. */
export function collide(a: EndpointPlan, b: EndpointPlan): boolean {
  return placeOf(a) === placeOf(b) && (a.family === 'unix' || a.port !== 0) && shareAddress(a, b);
}

const placeOf = ({ family, address, protocol, port }: EndpointPlan) => (family === 'unix' ? `unix ${address}` : `${protocol.name} ${port}`);

/** For two endpoints with the same address and port, or path. */
function shareAddress(a: EndpointPlan, b: EndpointPlan): boolean {
  if (a.family === 'unix' || b.family === 'unix') return a.family === b.family;
  if (!familiesMeet(a, b)) return false;
  if (a.device !== undefined && b.device !== undefined && a.device !== b.device) return false;
  if (a.address === b.address) return true;
  // A TCP listener on the wildcard takes the port on every address (tcp(7)); datagram sockets may share it.
  return a.type === 'stream' && (a.address === null || b.address === null);
}
