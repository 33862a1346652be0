import { redactionFor } from '../redaction.js';
import { count, type Infer, list, nullable, object, oneOf, string } from '../schema.js';
import { defineVerb } from '../verb.js';

const banFacts = object(
  {
    source: string('An address or a network in CIDR notation'),
    since: count('Milliseconds since the epoch'),
    until: nullable(count('Milliseconds since the epoch; null is for ever')),
    cause: oneOf(['sensor', 'refusals', 'operator']),
    service: string('Whose doing it is; empty for an operator'),
    comment: string("An operator's words"),
    hits: count('Connections it has kept out'),
  },
  'A ban',
);
const result = object({ bans: list(banFacts), now: count() });
export type BansResult = Infer<typeof result>;

export const bans = defineVerb({
  name: 'bans',
  role: 'read',
  params: object({}),
  result,
  async run(_, call) {
    const { daemon } = call;
    const shown = await redactionFor(call);
    return {
      bans: daemon.engine.banning.list().map(({ text, since, until, cause, service, comment, hits }) => ({
        source: shown.address(text, null),
        since: Math.round(since),
        until: until === Number.POSITIVE_INFINITY ? null : Math.round(until),
        cause,
        service,
        comment,
        hits,
      })),
      now: Math.round(daemon.now()),
    };
  },
});
