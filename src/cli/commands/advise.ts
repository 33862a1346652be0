import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderAdvice } from '../render/advice.js';

export const advise = defineCommand<JsonFlag>({
  summary: summaries.advise,
  description: 'Half as much again as ninety-nine of a hundred sources do. Ends with 1 when nothing was recorded.',
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?', least: 1 },
  async run({ control, print, look }, { json }, services) {
    const result = await control.call('advise', { services });
    await print(json ? `${JSON.stringify(result.services, null, 2)}\n` : renderAdvice(result, look));
    return result.services.length > 0 && result.services.every(({ advice }) => advice !== null) ? 0 : 1;
  },
});
