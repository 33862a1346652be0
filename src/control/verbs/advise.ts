import { adviseService } from '../../engine/explain-service.js';
import { resolveServices } from '../resolve-services.js';
import { boolean, count, list, nullable, object, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

const distribution = (of: string) => object({ p50: count(), p90: count(), p99: count(), most: count() }, of);

const advice = object({
  connections: count(),
  sources: count('IPv4 addresses and IPv6 /64 networks'),
  forgotten: count('Sources that superd has dropped from the record to limit its size'),
  since: count('The time of the first connection, milliseconds since the epoch'),
  until: count('The time of the last one'),
  atOnce: distribution('The most simultaneous sessions of each source'),
  burst: distribution('The most connections of each source in ten seconds'),
  perMinute: distribution('The most connections of each source in a minute'),
  proposed: list(string(), 'Suggested lines of configuration'),
});

export const advise = defineVerb({
  name: 'advise',
  role: 'read',
  params: object({ services }),
  result: object({
    services: list(
      object({
        id: string(),
        recording: boolean('Whether superd records its traffic (enforce = shadow)'),
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
