import { Asking, UNKNOWN } from './asking.js';
import { toText } from './bytes.js';
import { expand } from './expand.js';
import type { RequestFacts } from './request.js';

/**
 * Who the client is, as far as is known by now without asking anybody: `user@host`, a host name, or an address. Fit for a log
 * line: what a stranger could choose is sanitised as in commands.
 */
export function describeClient(facts: RequestFacts): string {
  const asking = new Asking(
    facts,
    () => false,
    () => {},
  );
  if (asking.client.nameAtHand !== null) asking.client.askName();
  const user = facts.get({ fact: 'user', timeoutSeconds: null });
  const described = toText(expand('%c', asking) ?? UNKNOWN);
  return typeof user === 'string' && user !== '' && user !== UNKNOWN ? toText(`${expand('%u', asking)}@${described}`) : described;
}
