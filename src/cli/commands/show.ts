import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderShow } from '../render/show.js';

export const show = defineCommand<JsonFlag>({
  summary: summaries.show,
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?, or all; disabled ones as well', least: 1 },
  async run({ control, print, look }, { json }, services) {
    const result = await control.call('show', { services });
    await print(json ? `${JSON.stringify(result.services, null, 2)}\n` : renderShow(result, look));
    return 0;
  },
});
