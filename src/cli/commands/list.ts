import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderList } from '../render/list.js';

interface Flags extends JsonFlag {
  readonly state?: string;
}

export const list = defineCommand<Flags>({
  summary: 'Show every service and how it stands',
  flags: {
    json: jsonFlag,
    state: { kind: 'parsed', parse: String, optional: true, brief: 'Only those in this state', placeholder: 'state' },
  },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look }, { json, state }, services) {
    const result = await control.call('list', { services, ...(state === undefined ? {} : { state }) });
    await print(json ? `${JSON.stringify(result.units, null, 2)}\n` : renderList(result, look));
    return 0;
  },
});
