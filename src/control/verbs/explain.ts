import { parseAddress } from '../../address/address.js';
import { describeEndpoint } from '../../address/endpoint.js';
import { ConfigError } from '../../errors.js';
import { refusalReasons } from '../../report/event.js';
import { resolveServices } from '../resolve-services.js';
import { count, type Infer, list, nullable, object, oneOf, optional, string } from '../schema.js';
import { defineVerb } from '../verb.js';

const step = object(
  {
    reason: oneOf(refusalReasons, 'What it would refuse for'),
    verdict: oneOf(['pass', 'refuse', 'depends', 'not asked']),
    rule: string('The attributes it comes from'),
    places: list(string(), 'file:line of each, and of the access rule that decides'),
    state: string('Counters and limits as they stand'),
  },
  'A check',
);

const explanation = object({
  service: string('Its id'),
  endpoint: string(),
  from: string(),
  verdict: oneOf(['admit', 'refuse', 'depends']),
  reason: nullable(oneOf(refusalReasons)),
  on: string('What it depends on, for people'),
  steps: list(step, 'In the order in which they are asked'),
});
const result = object({ explanations: list(explanation) });
export type ExplainResult = Infer<typeof result>;

export const explain = defineVerb({
  name: 'explain',
  role: 'read',
  params: object({
    service: string('Its name or id'),
    from: string("The client's address"),
    port: optional(count()),
    at: optional(count('When, milliseconds since the epoch; now if not said')),
  }),
  result,
  run({ service, from, port = 0, at }, { daemon }) {
    if (parseAddress(from) === null) throw new ConfigError('usage', `from: ${from} is no address`);
    const ids = new Set(resolveServices(daemon.engine.units(), [service]).map(({ id }) => id));
    const services = daemon.engine.services.filter(({ plan }) => ids.has(plan.id));
    return {
      explanations: services.map((one) => ({
        service: one.plan.id,
        endpoint: describeEndpoint(one.plan.endpoint),
        from,
        ...daemon.engine.explain(one, from, port, at ?? daemon.now()),
      })),
    };
  },
});
