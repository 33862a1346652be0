import type { ServicePlan } from '../config/plan.js';
import { InternalError } from '../errors.js';
import type { OwnSession } from './own-session.js';

/** What superd itself does with an admitted connection. */
export interface Answer {
  /** The socket is the answer's from now on; it calls `session.begin`, and `session.end` when all is said. */
  serve(session: OwnSession, socket: number): void;
}

/** null where a server is started. */
export function answerOf(plan: ServicePlan): Answer | null {
  if (plan.activation === 'request') return null;
  throw new InternalError(`service ${plan.id}: nothing answers for activation ${plan.activation}`);
}
