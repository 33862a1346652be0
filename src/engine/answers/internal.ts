import { ClientStream } from '../../builtins/client-stream.js';
import type { BuiltinContext } from '../../builtins/context.js';
import type { StreamAnswer } from '../../builtins/table.js';
import { inBackground } from '../../guarded.js';
import { hangUp } from '../../os/stream.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { Answer } from '../services/answer.js';
import type { Service } from '../services/service.js';
import type { InternalSession } from '../sessions/internal-session.js';
import { readiness } from './readiness.js';

const NOTHING = new Uint8Array();

export interface InternalContext extends ReportContext, WatchContext {
  readonly builtinContext: BuiltinContext;
  readonly nextSession: () => number;
}

/** Serves the connections of a built-in service. */
export function internalAnswer(answer: StreamAnswer, service: Service, context: InternalContext): Answer {
  if (answer.kind === 'conversation') return { serve: (session, socket) => inBackground(converse(answer, context, session, socket)) };
  return {
    answerAtOnce(peer, socket, at) {
      hangUp(socket, answer.bytes(at));
      service.started++;
      context.emit({ type: 'session-answered', at, service: service.subject, session: context.nextSession(), peer });
    },
    serve(session, socket) {
      hangUp(socket, answer.bytes(context.now()));
      session.answered();
    },
  };
}

/** Never rejects. */
async function converse(
  { serve }: StreamAnswer & { readonly kind: 'conversation' },
  context: InternalContext,
  session: InternalSession,
  socket: number,
): Promise<void> {
  const stream = new ClientStream(socket, readiness(context));
  session.begin(() => stream.close());
  try {
    await serve(stream, context.builtinContext);
  } catch (error) {
    context.onError(error);
  } finally {
    stream.close();
    hangUp(socket, NOTHING);
    session.end();
  }
}
