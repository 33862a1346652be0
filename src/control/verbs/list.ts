import type { Unit } from '../../engine/unit.js';
import { unitStates } from '../../report/states.js';
import type { ControlContext } from '../control-context.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { boolean, type Infer, list as listOf, object, oneOf, optional, string } from '../schema.js';
import { now, services, unitFacts } from '../shared-schemas.js';
import { unitFactsOf } from '../unit-facts.js';
import { defineVerb } from '../verb.js';

const disabledFacts = object(
  {
    id: string(),
    name: string(),
    state: oneOf(['disabled']),
    by: oneOf(['configuration', 'command'], 'What disabled it'),
    origin: string('path:line of the attribute that disables it; may be empty'),
  },
  'A disabled service',
);

type DisabledFacts = Infer<typeof disabledFacts>;

const result = object({
  units: listOf(unitFacts),
  disabled: listOf(disabledFacts, 'With `all` or `state: disabled`'),
  now,
});
export type ListResult = Infer<typeof result>;

export const list = defineVerb({
  name: 'list',
  role: 'read',
  params: object({
    services: optional(services),
    state: optional(oneOf([...unitStates, 'disabled'], 'Only services in this state')),
    all: optional(boolean('Also list disabled services')),
    look: optional(boolean('First run the status action of init scripts')),
  }),
  result,
  async run({ services: words = [], state, all, look }, { daemon }) {
    const running = daemon.engine.units();
    const disabled = all === true || state === 'disabled' ? await disabledServices(daemon) : [];
    const found = new Set(resolveServicesOrAll<Unit | DisabledFacts>([...running, ...disabled], words));
    const units = running.filter((unit) => found.has(unit));
    if (look === true) await Promise.all(units.map((unit) => unit.look?.()));
    const isWanted = (one: { readonly state: string }) => state === undefined || one.state === state;
    return {
      units: units.map(unitFactsOf).filter(isWanted),
      disabled: disabled.filter((one) => found.has(one) && isWanted(one)),
      now: daemon.now(),
    };
  },
});

/** A service that still runs although it is disabled now is listed as running: the next apply ends it. */
async function disabledServices(daemon: ControlContext): Promise<readonly DisabledFacts[]> {
  const { report } = await daemon.load();
  const running = new Set(daemon.engine.units().map(({ id }) => id));
  const enabledByOperator = daemon.enabledByOperator();
  return report.services
    .filter(({ id, status }) => status === 'disabled' && !running.has(id))
    .map(({ id, name, origins }) => {
      const by = enabledByOperator.get(id) === false ? 'command' : 'configuration';
      return { id, name, state: 'disabled', by, origin: by === 'command' ? '' : (origins['disable'] ?? '') };
    });
}
