import { type AccessVerdict, decide, type Undecided } from './decide.js';
import type { FactAnswer, Need, RequestFacts } from './request.js';
import type { AccessTables } from './tables.js';

/** Fetches one fact; undefined declines, and the decision stays undecided. */
export type FetchFact = (need: Need, undecided: Undecided) => Promise<FactAnswer | undefined> | FactAnswer | undefined;

/**
 * Decides, and fetches each fact only when a rule needs it: most decisions need none.
 *
 * @example
 * const decision = await decideWith(tables, new RequestFacts(request), async (need) => {
 *   if (need.fact === 'client-name') return (await confirmName(request.client.address, dns)).name;
 *   return undefined;
 * });
 */
export async function decideWith(tables: AccessTables, facts: RequestFacts, lookUp: FetchFact): Promise<AccessVerdict> {
  for (;;) {
    const answer = decide(tables, facts);
    if (answer.kind === 'decided') return answer;
    const fact = await lookUp(answer.need, answer);
    if (fact === undefined) return answer;
    facts.learn(answer.need, fact);
  }
}
