import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, someServices } from '../command.js';
import { renderAdvice } from '../render/advice.js';

export const advise = defineCommand<JsonFlag>({
  summary: summaries.advise,
  description: 'Suggests 1.5 times what 99 of 100 sources need. Exits with 1 when nothing is recorded.',
  flags: { json: jsonFlag },
  arguments: [someServices],
  async run({ control, print, style }, { json }, services) {
    const result = await control.call('advise', { services });
    await print(json ? jsonText(result.services) : renderAdvice(result, style));
    return result.services.length > 0 && result.services.every(({ advice }) => advice !== null) ? 0 : 1;
  },
});
