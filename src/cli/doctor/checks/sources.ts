import { type Address, isIPv4, parseAddress } from '../../../address/address.js';
import { formatPrefix, IPV4_BITS, maskAddress, type Prefix, PrefixSet } from '../../../address/prefix-set.js';
import type { EndpointPlan, ServicePlan } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

/** Entries of `only_from` and `no_access` that no client can match. */
export function sources({ plan }: CheckContext): readonly Finding[] {
  return plan === null ? [] : [...plan.services, ...plan.muxed].flatMap(ofService);
}

function ofService(service: ServicePlan): Finding[] {
  const { gate, endpoint } = service;
  const denied = gate.noAccess?.prefixes ?? [];
  const lists = [
    { name: 'only_from', prefixes: gate.onlyFrom?.prefixes ?? [] },
    { name: 'no_access', prefixes: denied },
  ] as const;
  return lists.flatMap(({ name, prefixes }) =>
    prefixes.flatMap((prefix) => {
      const why = unreachable(endpoint, prefix) ?? (name === 'only_from' ? overruled(prefix, denied) : null);
      return why === null ? [] : [never(service, name, prefix, why)];
    }),
  );
}

function never({ id, origin, gate }: ServicePlan, list: 'only_from' | 'no_access', prefix: Prefix, why: string): Finding {
  return {
    severity: 'warning',
    code: 'never-matches',
    place: placeOf(gate.origins[list] ?? origin),
    problem: `${list} of ${id}: ${formatPrefix(prefix)} can never match: ${why}`,
    remedy: 'remove the entry, or what overrules it',
  };
}

/** The narrower of two entries decides, and no_access when both are equal. */
function overruled({ base, length }: Prefix, denied: readonly Prefix[]): string | null {
  const same = denied.find((one) => one.length === length && equal(maskAddress(one.base, length), maskAddress(base, length)));
  return same === undefined ? null : 'no_access has the same entry, which wins';
}

const LOOPBACK = new PrefixSet([
  { base: parseAddress('127.0.0.0') as Address, length: IPV4_BITS + 8 },
  { base: parseAddress('::1') as Address, length: 128 },
]);

function unreachable({ family, address }: EndpointPlan, { base, length }: Prefix): string | null {
  // A prefix shorter than ::ffff:0:0/96 includes IPv4.
  if (length < IPV4_BITS) return family === 'inet' && !isIPv4(base) && length > 0 ? 'the service listens on IPv4 only' : null;
  if (family === 'inet' && !isIPv4(base)) return 'the service listens on IPv4 only';
  if (family === 'inet6' && isIPv4(base)) return 'the service listens on IPv6 only';
  const bound = address === null ? null : parseAddress(address);
  const isRemote = bound !== null && LOOPBACK.has(bound) && !LOOPBACK.has(base) && length >= IPV4_BITS + 8;
  return isRemote ? `the service listens at ${address}, which only this machine can reach` : null;
}

const equal = (a: Address, b: Address) => a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.w3 === b.w3;
