import { sessionFacts as factsSchema, services } from '../protocol.js';
import { count, list, object, optional, string } from '../schema.js';
import { sessionFacts } from '../session-facts.js';
import { targetsOrAll } from '../targets.js';
import { defineVerb } from '../verb.js';

export const sessions = defineVerb({
  name: 'sessions',
  role: 'read',
  summary: 'Who is served now, by whom, since when, and how much',
  params: object({ services: optional(services), from: optional(string('Only those of this address')) }),
  result: object({ sessions: list(factsSchema), now: count("superd's clock, milliseconds since the epoch") }),
  async run({ services: words = [], from }, { daemon }) {
    const { engine } = daemon;
    const ids = words.length === 0 ? null : new Set(targetsOrAll(engine.units(), words).map(({ id }) => id));
    const wanted = [...engine.sessions].filter(
      ({ service, peer }) => (ids === null || ids.has(service.plan.id)) && (from === undefined || peer.address === from),
    );
    return { sessions: await sessionFacts(wanted), now: daemon.now() };
  },
});
