import { type Address, isIPv4, parseAddress } from '../../../address/address.js';
import { formatPrefix, IPV4_BITS, maskAddress, type Prefix, PrefixSet } from '../../../address/prefix-set.js';
import type { EndpointPlan, ServicePlan } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** Entries of `only_from` and `no_access` that no client can ever match. */
export function sources({ plan }: Patient): readonly Finding[] {
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
    remedy: 'remove the entry, or what stands against it',
  };
}

/** Of two entries the narrower decides, and of two that are equal no_access. */
function overruled({ base, length }: Prefix, denied: readonly Prefix[]): string | null {
  const same = denied.find((one) => one.length === length && equal(maskAddress(one.base, length), maskAddress(base, length)));
  return same === undefined ? null : 'no_access has the same entry, which comes first';
}

const LOOPBACK = new PrefixSet([
  { base: parseAddress('127.0.0.0') as Address, length: IPV4_BITS + 8 },
  { base: parseAddress('::1') as Address, length: 128 },
]);

function unreachable({ family, address }: EndpointPlan, { base, length }: Prefix): string | null {
  // A network that is wider than all of IPv4 takes it in.
  if (length < IPV4_BITS) return family === 'inet' && !isIPv4(base) && length > 0 ? 'the service is asked over IPv4 alone' : null;
  if (family === 'inet' && !isIPv4(base)) return 'the service is asked over IPv4 alone';
  if (family === 'inet6' && isIPv4(base)) return 'the service is asked over IPv6 alone';
  const bound = address === null ? null : parseAddress(address);
  const far = bound !== null && LOOPBACK.has(bound) && !LOOPBACK.has(base) && length >= IPV4_BITS + 8;
  return far ? `the service listens at ${address}, where only this machine calls from` : null;
}

const equal = (a: Address, b: Address) => a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.w3 === b.w3;
