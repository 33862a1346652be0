import { sourceCheck } from '../../gate/checks/source.js';
import { factsOf } from '../../gate/facts.js';
import type { Names } from '../lookups/names.js';
import type { Service } from '../services/service.js';
import type { Session } from '../sessions/session.js';

/**
 * The sessions of a service whose source `only_from` and `no_access` no longer admit.
 *
 * @param names Looks up the names of clients where the rules need them.
 */
export async function noLongerAdmitted(
  { plan, sessions, tally }: Pick<Service, 'plan' | 'sessions' | 'tally'>,
  names: Names,
): Promise<Session[]> {
  if (plan.gate.enforce === 'shadow' || (plan.gate.onlyFrom === null && plan.gate.noAccess === null)) return [];
  const check = sourceCheck(plan.gate.onlyFrom, plan.gate.noAccess);
  // Sessions begin and end during the look-ups.
  const present = [...sessions];
  const refused = await Promise.all(
    present.map(async ({ peer }) => {
      if (peer.address === null) return false;
      const facts = factsOf(peer.address, 0, plan.name);
      const answer = check.ask(facts, tally);
      if (typeof answer === 'string') return answer === 'refuse';
      facts.asked.learn({ fact: 'client-name' }, await names.of(peer.address));
      return check.ask(facts, tally) === 'refuse';
    }),
  );
  return present.filter((_, i) => refused[i]);
}
