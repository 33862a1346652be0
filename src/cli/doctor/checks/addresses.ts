import { parseAddress } from '../../../address/address.js';
import { describeEndpoint } from '../../../address/endpoint.js';
import { placeOf } from '../../../errors.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';
import { localAddresses } from '../local-addresses.js';

/** Endpoints that superd cannot open because no interface has their address. */
export function addresses({ plan, daemon }: CheckContext): readonly Finding[] {
  const local = localAddresses(daemon?.pid ?? 'self');
  if (plan === null || local === null) return [];
  return plan.services.flatMap(({ id, origin, endpoint }) => {
    const address = endpoint.family === 'unix' || endpoint.address === null ? null : parseAddress(endpoint.address.replace(/%.*/, ''));
    if (address === null || local.has(address)) return [];
    return [
      {
        severity: 'warning',
        code: 'address-missing',
        place: placeOf(origin),
        problem: `${describeEndpoint(endpoint)} of ${id}: no interface has this address; superd waits for it`,
        remedy: 'give the address to an interface, or correct bind',
      },
    ];
  });
}
