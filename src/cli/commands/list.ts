import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { type UnitState, unitStates } from '../../report/states.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, jsonText, switchFlag, valueFlag } from '../command.js';
import { renderList } from '../render/list.js';

type ListedState = UnitState | 'disabled';
const listedStates: readonly ListedState[] = [...unitStates, 'disabled'];

interface ListFlags extends JsonFlag {
  readonly all: boolean;
  readonly state?: ListedState;
}

export const list = defineCommand<ListFlags>({
  summary: summaries.list,
  flags: {
    json: jsonFlag,
    all: switchFlag('Include disabled services'),
    state: { ...valueFlag('Only services in this state (docs/states.md)', 'state'), parse: listedState },
  },
  letters: { a: 'all' },
  arguments: [anyServices],
  async run({ control, print, style }, { json, state, all }, services) {
    const result = await control.call('list', { services, ...(state === undefined ? {} : { state }), all });
    await print(json ? jsonText([...result.units, ...result.disabled]) : renderList(result, style));
    return 0;
  },
});

function listedState(text: string): ListedState {
  const found = listedStates.find((one) => one === text);
  if (found !== undefined) return found;
  throw new ConfigError('usage', `unknown state ${JSON.stringify(text)}; known: ${listedStates.join(', ')}`);
}
