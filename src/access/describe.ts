import { toText } from './bytes.js';
import { Evaluation, UNKNOWN } from './evaluation.js';
import { expand } from './expand.js';
import type { RequestFacts } from './request.js';

/**
 * Describes the client with the facts known so far: `user@host`, a host name, or an address. Fit for a log line: text that a stranger can
 * choose is sanitised as in commands.
 */
export function describeClient(facts: RequestFacts): string {
  const evaluation = new Evaluation(
    facts,
    () => false,
    () => {},
  );
  if (evaluation.client.knownName !== null) evaluation.client.noteNameAsked();
  const user = facts.get({ fact: 'user', timeoutSeconds: null });
  const described = toText(expand('%c', evaluation) ?? UNKNOWN);
  return typeof user === 'string' && user !== '' && user !== UNKNOWN ? toText(`${expand('%u', evaluation)}@${described}`) : described;
}
