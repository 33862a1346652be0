import { redactAttributes } from '../redact-env.js';
import { resolveServices } from '../resolve-services.js';
import { list, nullable, object, oneOf, record, string } from '../schema.js';
import { services, unitFacts } from '../shared-schemas.js';
import { unitFactsOf } from '../unit-facts.js';
import { defineVerb } from '../verb.js';

export const show = defineVerb({
  name: 'show',
  role: 'read',
  params: object({ services }),
  result: object({
    services: list(
      object({
        id: string(),
        name: string(),
        status: oneOf(['accepted', 'disabled', 'rejected'], 'How superd reads it in the files'),
        attributes: record(string()),
        origins: record(string(), 'path:line of each attribute that a file sets'),
        unit: nullable(unitFacts),
      }),
    ),
  }),
  async run({ services: words }, { daemon }) {
    const { report } = await daemon.load();
    const units = new Map(daemon.engine.units().map((unit) => [unit.id, unit]));
    return {
      services: resolveServices(report.services, words).map(({ id, name, status, attributes, origins }) => {
        const unit = units.get(id);
        return {
          id,
          name,
          status,
          attributes: redactAttributes(attributes),
          origins,
          unit: unit === undefined ? null : unitFactsOf(unit),
        };
      }),
    };
  },
});
