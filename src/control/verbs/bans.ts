import { redactionFor } from '../redaction.js';
import { count, type Infer, list, nullable, object, oneOf, string } from '../schema.js';
import { now } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

const banFacts = object(
  {
    source: string('An address or a network in CIDR notation'),
    since: count('Milliseconds since the epoch'),
    until: nullable(count('Milliseconds since the epoch; null: for ever')),
    cause: oneOf(['sensor', 'refusals', 'operator']),
    service: string('The service whose gate banned the source; empty for an operator'),
    comment: string('The comment of the operator'),
    hits: count('Connections that the ban has refused'),
  },
  'A ban',
);
const result = object({ bans: list(banFacts), now });
export type BansResult = Infer<typeof result>;

export const bans = defineVerb({
  name: 'bans',
  role: 'read',
  params: object({}),
  result,
  async run(_, call) {
    const { daemon } = call;
    const redaction = await redactionFor(call);
    return {
      bans: daemon.engine.banning.list().map(({ text, since, until, cause, service, comment, hits }) => ({
        source: redaction.address(text, null),
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
