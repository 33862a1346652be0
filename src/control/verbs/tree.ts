import { startOrder, startsAround } from '../../config/start-order.js';
import { resolveServices } from '../resolve-services.js';
import { type Infer, list, nullable, object, oneOf, optional, string } from '../schema.js';
import { services, unitState } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

const link = object({
  id: string('The service that starts earlier'),
  how: oneOf(['needs', 'wants', 'after', 'Required-Start', 'Should-Start', 'X-Start-Before']),
  name: string('As the configuration has it; in init scripts often a $facility'),
});

const result = object({
  services: list(
    object({
      id: string(),
      name: string(),
      kind: oneOf(['daemon', 'script', 'request'], 'request: a service on request that another waits for'),
      state: nullable(unitState),
      after: list(link, 'The services it starts after'),
    }),
  ),
});
export type TreeResult = Infer<typeof result>;

export const tree = defineVerb({
  name: 'tree',
  role: 'read',
  params: object({ services: optional(services) }),
  result,
  run({ services: words = [] }, { daemon: { engine } }) {
    const units = engine.units();
    const states = new Map(units.map(({ id, state }) => [id, state]));
    const all = startOrder({ ...engine.startPlan, services: units });
    const wanted = words.length === 0 ? all : startsAround(all, new Set(resolveServices(units, words).map(({ id }) => id)));
    return { services: wanted.map((one) => ({ ...one, state: states.get(one.id) ?? null })) };
  },
});
