import type { PeerFacts } from '../../report/event.js';
import { Interception } from '../answers/intercept.js';
import { internalAnswer } from '../answers/internal.js';
import { Redirect } from '../answers/redirect.js';
import { TcpmuxAnswer } from '../answers/tcpmux.js';
import type { Runtime } from '../context.js';
import type { InternalSession } from '../sessions/internal-session.js';
import type { Service } from './service.js';

/** What superd itself does with an admitted connection. */
export interface Answer {
  /**
   * Where all is said in one go: says it, closes, and tells what happened, without a session, which would be over before anybody could see it.
   *
   * @param now Milliseconds since the epoch.
   */
  readonly answerAtOnce?: (peer: PeerFacts, socket: number, now: number) => void;
  /** The socket is the answer's from now on; it calls `session.begin`, and `session.end` when all is said, or just `session.answered`. */
  serve(session: InternalSession, socket: number): void;
}

/** null where a server is started for each connection, and where there are none. */
export function answerOf(service: Service, runtime: Runtime): Answer | null {
  const { plan } = service;
  switch (plan.activation) {
    case 'request':
      return service.privateSocket === null || plan.wait ? null : new Interception(runtime, service.privateSocket);
    case 'internal':
      if (plan.endpoint.type === 'dgram') return null;
      if (plan.builtin === 'tcpmux') return new TcpmuxAnswer(runtime);
      return internalAnswer(runtime.builtins.streams[plan.builtin], service, runtime);
    case 'redirect':
      return plan.wait ? null : new Redirect(runtime, plan);
  }
}
