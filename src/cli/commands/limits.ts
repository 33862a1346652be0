import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderLimits } from '../render/limits.js';

export const limits = defineCommand<JsonFlag>({
  summary: summaries.limits,
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look }, { json }, services) {
    const result = await control.call('limits', { services });
    await print(json ? `${JSON.stringify(result.limits, null, 2)}\n` : renderLimits(result, look));
    return 0;
  },
});
