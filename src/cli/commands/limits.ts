import { summaries } from '../../control/summaries.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';
import { renderLimits } from '../render/limits.js';

export const limits = defineCommand<JsonFlag>({
  summary: summaries.limits,
  flags: { json: jsonFlag },
  arguments: [anyServices],
  async run({ control, print, style }, { json }, services) {
    const result = await control.call('limits', { services });
    await print(json ? jsonText(result.limits) : renderLimits(result, style));
    return 0;
  },
});
