import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { type UnitState, unitStates } from '../../report/states.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
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
    all: { kind: 'boolean', default: false, brief: 'Those that are switched off as well' },
    state: { kind: 'parsed', parse: listedState, optional: true, brief: 'Only those in this state (docs/states.md)', placeholder: 'state' },
  },
  aliases: { j: 'json', a: 'all' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look }, { json, state, all }, services) {
    const result = await control.call('list', { services, ...(state === undefined ? {} : { state }), all });
    await print(json ? `${JSON.stringify([...result.units, ...result.disabled], null, 2)}\n` : renderList(result, look));
    return 0;
  },
});

function listedState(text: string): ListedState {
  const found = listedStates.find((one) => one === text);
  if (found !== undefined) return found;
  throw new ConfigError('usage', `unknown state ${JSON.stringify(text)}; known: ${listedStates.join(', ')}`);
}
