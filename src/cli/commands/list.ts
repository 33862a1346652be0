import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderList } from '../render/list.js';

interface ListFlags extends JsonFlag {
  readonly all: boolean;
  readonly state?: string;
}

export const list = defineCommand<ListFlags>({
  summary: summaries.list,
  flags: {
    json: jsonFlag,
    all: { kind: 'boolean', default: false, brief: 'Those that are switched off as well' },
    state: { kind: 'parsed', parse: String, optional: true, brief: 'Only those in this state', placeholder: 'state' },
  },
  aliases: { j: 'json', a: 'all' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look }, { json, state, all }, services) {
    const result = await control.call('list', { services, ...(state === undefined ? {} : { state }), all });
    await print(json ? `${JSON.stringify([...result.units, ...result.disabled], null, 2)}\n` : renderList(result, look));
    return 0;
  },
});
