import { type Address, parseAddress } from '../address/address.js';
import { sourceCheck } from '../gate/checks/source.js';
import type { Service } from './service.js';
import type { Session } from './session.js';

/**
 * Sessions of a service whose source its rules no longer let in.
 *
 * @param confirmedName Asked for the clients about whom the rules want to know a name.
 */
export async function excluded(
  { plan, sessions, tally }: Service,
  confirmedName: (address: Address) => Promise<string | null>,
): Promise<Session[]> {
  if (plan.gate.onlyFrom === null && plan.gate.noAccess === null) return [];
  const check = sourceCheck(plan.gate.onlyFrom, plan.gate.noAccess);
  const ask = (address: Address, name: string | null | undefined) => check.ask({ address, source: '', now: 0, name }, tally);
  // They come and go while names are looked up.
  const present = [...sessions];
  const refused = await Promise.all(
    present.map(async ({ peer }) => {
      const address = peer.address === null ? null : parseAddress(peer.address.replace(/%.*/, ''));
      if (address === null) return false;
      const answer = ask(address, undefined);
      return (answer === 'name' ? ask(address, await confirmedName(address)) : answer) === 'refuse';
    }),
  );
  return present.filter((_, i) => refused[i]);
}
