import type { Session } from '../../engine/sessions/session.js';
import { redactionFor } from '../redaction.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { count, list, object, optional, string } from '../schema.js';
import { sessionFacts } from '../session-facts.js';
import { sessionFacts as factsSchema, services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

export const sessions = defineVerb({
  name: 'sessions',
  role: 'read',
  params: object({ services: optional(services), from: optional(string('Only those of this address')) }),
  result: object({ sessions: list(factsSchema), now: count("superd's clock, milliseconds since the epoch") }),
  async run({ services: words = [], from }, call) {
    const { daemon } = call;
    const shown = await redactionFor(call);
    const addressOf = ({ service, peer }: Session) => (peer.address === null ? null : shown.address(peer.address, service.plan.id));
    const { engine } = daemon;
    const ids = words.length === 0 ? null : new Set(resolveServicesOrAll(engine.units(), words).map(({ id }) => id));
    const wanted = [...engine.sessions].filter(
      (session) => (ids === null || ids.has(session.service.plan.id)) && (from === undefined || addressOf(session) === from),
    );
    const facts = await sessionFacts(wanted);
    return { sessions: facts.map(shown.session), now: daemon.now() };
  },
});
