import { services, unitFacts } from '../protocol.js';
import { boolean, count, type Infer, list as listOf, object, optional, string } from '../schema.js';
import { targetsOrAll } from '../targets.js';
import { factsOf } from '../unit-facts.js';
import { defineVerb } from '../verb.js';

const result = object({ units: listOf(unitFacts), now: count("superd's clock, milliseconds since the epoch") });
export type ListResult = Infer<typeof result>;

export const list = defineVerb({
  name: 'list',
  role: 'read',
  summary: 'Every service and how it stands',
  params: object({
    services: optional(services),
    state: optional(string('Only those in this state')),
    look: optional(boolean('Have init scripts asked for their status')),
  }),
  result,
  async run({ services: words = [], state, look }, { daemon }) {
    const found = targetsOrAll(daemon.engine.units(), words);
    if (look === true) await Promise.all(found.map((unit) => unit.look?.()));
    const units = found.map(factsOf);
    return { units: state === undefined ? units : units.filter((unit) => unit.state === state), now: daemon.now() };
  },
});
