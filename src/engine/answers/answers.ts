import type { Builtins } from '../../builtins/table.js';
import type { Answer } from '../services/answer.js';
import type { Service } from '../services/service.js';
import { InterceptAnswer } from './intercept.js';
import { type InternalContext, internalAnswer } from './internal.js';
import { RedirectAnswer, type RedirectContext } from './redirect.js';
import { TcpmuxAnswer, type TcpmuxContext } from './tcpmux.js';

export interface AnswerContext extends InternalContext, RedirectContext, TcpmuxContext {
  readonly builtins: Builtins;
}

/** What superd itself does with the connections of a service; null where it starts a server for each, and where there are no connections. */
export function answerOf(service: Service, context: AnswerContext): Answer | null {
  const { plan } = service;
  switch (plan.activation) {
    case 'request':
      return service.privateSocket === null || plan.wait ? null : new InterceptAnswer(context, service.privateSocket);
    case 'internal':
      if (plan.endpoint.type === 'dgram') return null;
      if (plan.builtin === 'tcpmux') return new TcpmuxAnswer(context);
      return internalAnswer(context.builtins.streams[plan.builtin], service, context);
    case 'redirect':
      return plan.wait ? null : new RedirectAnswer(context, plan);
  }
}
