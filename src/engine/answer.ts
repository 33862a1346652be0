import type { ServicePlan } from '../config/plan.js';
import { internalAnswer } from './internal.js';
import { Mux } from './mux.js';
import type { OwnSession } from './own-session.js';
import { Redirect } from './redirect.js';
import type { Runtime } from './runtime.js';

/** What superd itself does with an admitted connection. */
export interface Answer {
  /** The socket is the answer's from now on; it calls `session.begin`, and `session.end` when all is said, or just `session.answered`. */
  serve(session: OwnSession, socket: number): void;
}

/** null where a server is started, and where there are no connections. */
export function answerOf(plan: ServicePlan, runtime: Runtime): Answer | null {
  switch (plan.activation) {
    case 'request':
      return null;
    case 'internal':
      if (plan.endpoint.type === 'dgram') return null;
      if (plan.builtin === 'tcpmux') return new Mux(runtime);
      return internalAnswer(runtime.builtins.streams[plan.builtin], runtime);
    case 'redirect':
      return new Redirect(runtime, plan);
  }
}
