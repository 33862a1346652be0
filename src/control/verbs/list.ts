import { unitStates } from '../../report/states.js';
import type { ControlContext } from '../control-context.js';
import { boolean, count, type Infer, list as listOf, object, oneOf, optional, string } from '../schema.js';
import { services, unitFacts } from '../shared-schemas.js';
import { targetsOrAll } from '../targets.js';
import { factsOf } from '../unit-facts.js';
import { defineVerb } from '../verb.js';
import { matchingServices } from '../written-services.js';

const disabledFacts = object(
  {
    id: string(),
    name: string(),
    state: oneOf(['disabled']),
    by: oneOf(['configuration', 'command'], 'What has switched it off'),
    origin: string('/etc/xinetd.d/echo:4; empty where no line says so'),
  },
  'A service that does not run because it is switched off',
);

const listedState = oneOf([...unitStates, 'disabled'], 'Only those in this state');

type DisabledFacts = Infer<typeof disabledFacts>;

const result = object({
  units: listOf(unitFacts),
  disabled: listOf(disabledFacts, 'With `all`, or in answer to `state: disabled`'),
  now: count("superd's clock, milliseconds since the epoch"),
});
export type ListResult = Infer<typeof result>;

export const list = defineVerb({
  name: 'list',
  role: 'read',
  params: object({
    services: optional(services),
    state: optional(listedState),
    all: optional(boolean('Those that are switched off as well')),
    look: optional(boolean('Have init scripts asked for their status')),
  }),
  result,
  async run({ services: words = [], state, all, look }, { daemon }) {
    const units = daemon.engine.units();
    const off = all === true || state === 'disabled' ? await switchedOff(daemon) : [];
    const named = all === true && words.length > 0 ? matchingServices([...units, ...off], words) : targetsOrAll(units, words);
    const found = units.filter((unit) => named.includes(unit));
    if (look === true) await Promise.all(found.map((unit) => unit.look?.()));
    return {
      units: found.map(factsOf).filter((unit) => state === undefined || unit.state === state),
      disabled: off.filter(
        (one) => (state ?? one.state) === one.state && (words.length === 0 || (named as readonly object[]).includes(one)),
      ),
      now: daemon.now(),
    };
  },
});

/** What runs in spite of it will be gone with the next configuration, and is told of as what runs. */
async function switchedOff(daemon: ControlContext): Promise<readonly DisabledFacts[]> {
  const { report } = await daemon.load();
  const running = new Set(daemon.engine.units().map(({ id }) => id));
  const byCommand = daemon.enabledByOperator();
  return report.services
    .filter(({ id, status }) => status === 'disabled' && !running.has(id))
    .map(({ id, name, origins }) => {
      const by = byCommand.get(id) === false ? 'command' : 'configuration';
      return { id, name, state: 'disabled', by, origin: by === 'command' ? '' : (origins['disable'] ?? '') };
    });
}
