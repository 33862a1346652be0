import type { Identification } from '../../ident/identify.js';
import type { PeerFacts } from '../../report/event.js';
import type { Runtime } from '../context.js';
import type { Service } from '../services/service.js';

/** Whose user it is: of a client that was let in, that was refused for other reasons, or that was refused for want of one. */
export type ClientFate = { readonly session: number } | 'refused' | 'refused-without';

/** Tells what the client's host says of its user: USERID of `log_on_success` and `log_on_failure`, and the flag IDONLY. */
export function tellUser(runtime: Runtime, { subject }: Service, peer: PeerFacts, standing: ClientFate, found: Identification): void {
  const session = typeof standing === 'string' ? null : standing.session;
  const fact = { at: runtime.now(), service: subject, peer, session };
  if (found.kind === 'identified') runtime.emit({ type: 'session-identified', ...fact, user: found.user, text: found.text });
  else runtime.emit({ type: 'session-unidentified', ...fact, problem: found.reason, wanted: standing === 'refused-without' });
}
