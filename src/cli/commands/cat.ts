import { summaries } from '../../control/summaries.js';
import { placeOf } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, someServices } from '../command.js';

export const cat = defineCommand<JsonFlag>({
  summary: summaries.cat,
  flags: { json: jsonFlag },
  arguments: [someServices],
  async run({ control, print }, { json }, services) {
    const { blocks } = await control.call('cat', { services });
    await print(json ? jsonText(blocks) : blocks.map((block) => `# ${placeOf(block)}\n${block.text}`).join('\n'));
    return 0;
  },
});
