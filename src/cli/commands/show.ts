import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, someServices } from '../command.js';
import { renderShow } from '../render/show.js';

export const show = defineCommand<JsonFlag>({
  summary: summaries.show,
  flags: { json: jsonFlag },
  arguments: [{ ...someServices, brief: `${someServices.brief}; also disabled ones` }],
  async run({ control, print, style }, { json }, services) {
    const result = await control.call('show', { services });
    await print(json ? jsonText(result.services) : renderShow(result, style));
    return 0;
  },
});
