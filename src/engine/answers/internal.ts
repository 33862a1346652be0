import { ClientStream } from '../../builtins/line.js';
import type { StreamAnswer } from '../../builtins/table.js';
import { hangUp } from '../../os/stream.js';
import type { Runtime } from '../context.js';
import type { Answer } from '../services/answer.js';
import type { Service } from '../services/service.js';
import type { InternalSession } from '../sessions/internal-session.js';
import { readiness } from './readiness.js';

const NOTHING = new Uint8Array();

/** Serves the connections of a built-in service. */
export function internalAnswer(answer: StreamAnswer, service: Service, runtime: Runtime): Answer {
  if (answer.kind === 'conversation') return { serve: (session, socket) => void converse(answer, runtime, session, socket) };
  return {
    answerAtOnce(peer, socket, at) {
      hangUp(socket, answer.bytes(at));
      service.started++;
      runtime.emit({ type: 'session-answered', at, service: service.subject, session: runtime.nextSession(), peer });
    },
    serve(session, socket) {
      hangUp(socket, answer.bytes(runtime.now()));
      session.answered();
    },
  };
}

/** Never rejects. */
async function converse(
  { hold }: StreamAnswer & { readonly kind: 'conversation' },
  runtime: Runtime,
  session: InternalSession,
  socket: number,
): Promise<void> {
  const line = new ClientStream(socket, readiness(runtime));
  session.begin(() => line.close());
  try {
    await hold(line, runtime.house);
  } catch (error) {
    runtime.onError(error);
  } finally {
    line.close();
    hangUp(socket, NOTHING);
    session.end();
  }
}
