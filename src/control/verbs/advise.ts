import { adviseService } from '../../engine/explain-service.js';
import { resolveServices } from '../resolve-services.js';
import { boolean, count, list, nullable, object, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

const spread = (of: string) => object({ p50: count(), p90: count(), p99: count(), most: count() }, of);

const advice = object({
  connections: count(),
  sources: count('IPv4 addresses, and the /64 of IPv6 ones'),
  forgotten: count('Sources of which nothing is known any more, for want of room'),
  since: count('The first connection, milliseconds since the epoch'),
  until: count('The last'),
  atOnce: spread('The most sessions at once of each source'),
  burst: spread('The most connections in ten seconds'),
  perMinute: spread('The most connections in a minute'),
  proposed: list(string(), 'Lines of configuration'),
});

export const advise = defineVerb({
  name: 'advise',
  role: 'read',
  params: object({ services }),
  result: object({
    services: list(
      object({
        id: string(),
        recording: boolean('Whether what comes is recorded: enforce = shadow'),
        advice: nullable(advice),
      }),
    ),
  }),
  run({ services: words }, { daemon }) {
    const ids = new Set(resolveServices(daemon.engine.units(), words).map(({ id }) => id));
    return {
      services: daemon.engine.services
        .filter(({ plan }) => ids.has(plan.id))
        .map((service) => ({
          id: service.plan.id,
          recording: service.plan.gate.enforce === 'shadow',
          advice: adviseService(service, daemon.now()),
        })),
    };
  },
});
