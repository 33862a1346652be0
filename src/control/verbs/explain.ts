import { parseAddress } from '../../address/address.js';
import { describeEndpoint } from '../../address/endpoint.js';
import { ConfigError } from '../../errors.js';
import { refusalReasons } from '../../report/event.js';
import { Refused } from '../failure.js';
import { resolveServices } from '../resolve-services.js';
import { count, type Infer, list, nullable, object, oneOf, optional, string } from '../schema.js';
import { defineVerb } from '../verb.js';

const step = object(
  {
    reason: oneOf(refusalReasons, 'The reason of its refusal'),
    verdict: oneOf(['pass', 'refuse', 'depends', 'not asked']),
    rule: string('The attributes that configure it'),
    places: list(string(), 'file:line of each attribute and of the deciding access rule'),
    state: string('Present counters and limits'),
  },
  'A check',
);

const explanation = object({
  service: string('Its id'),
  endpoint: string(),
  from: string(),
  verdict: oneOf(['admit', 'refuse', 'depends']),
  reason: nullable(oneOf(refusalReasons)),
  on: string('What the verdict depends on'),
  steps: list(step, 'In the order of the gate'),
  problems: list(string(), 'file:line and what is wrong with the access rules; empty for a service without them'),
});
const result = object({ explanations: list(explanation) });
export type ExplainResult = Infer<typeof result>;

export const explain = defineVerb({
  name: 'explain',
  role: 'read',
  params: object({
    service: string('Its id or name, a pattern, or all'),
    from: string("The client's address"),
    port: optional(count()),
    at: optional(count('The time of the connection, milliseconds since the epoch; default: now')),
  }),
  result,
  run({ service, from, port = 0, at }, { daemon }) {
    if (parseAddress(from) === null) throw new ConfigError('usage', `from: wanted an address, found ${JSON.stringify(from.slice(0, 80))}`);
    const units = resolveServices(daemon.engine.units(), [service]);
    const ids = new Set(units.map(({ id }) => id));
    const services = daemon.engine.services.filter(({ plan }) => ids.has(plan.id));
    const rejected = units.find(({ state }) => state === 'rejected');
    if (services.length === 0 && rejected !== undefined) throw new Refused('rejected', `${rejected.id} is rejected: ${rejected.problem}`);
    return {
      explanations: services.map((one) => ({
        service: one.plan.id,
        endpoint: describeEndpoint(one.plan.endpoint),
        from,
        ...daemon.engine.explain(one, from, port, at ?? daemon.now()),
        problems: daemon.engine.ruleProblemsOf(one),
      })),
    };
  },
});
