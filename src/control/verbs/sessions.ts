import type { Session } from '../../engine/sessions/session.js';
import { redactionFor } from '../redaction.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { list, object, optional, string } from '../schema.js';
import { readSessionFacts } from '../session-facts.js';
import { sessionFacts as factsSchema, now, services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

export const sessions = defineVerb({
  name: 'sessions',
  role: 'read',
  params: object({ services: optional(services), from: optional(string('Only sessions of this address')) }),
  result: object({ sessions: list(factsSchema), now }),
  async run({ services: words = [], from }, call) {
    const { daemon } = call;
    const redaction = await redactionFor(call);
    const addressOf = ({ service, peer }: Session) => (peer.address === null ? null : redaction.address(peer.address, service.plan.id));
    const { engine } = daemon;
    const ids = words.length === 0 ? null : new Set(resolveServicesOrAll(engine.units(), words).map(({ id }) => id));
    const wanted = [...engine.sessions].filter(
      (session) => (ids === null || ids.has(session.service.plan.id)) && (from === undefined || addressOf(session) === from),
    );
    const facts = await readSessionFacts(wanted);
    return { sessions: facts.map(redaction.session), now: daemon.now() };
  },
});
