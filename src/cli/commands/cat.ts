import { summaries } from '../../control/summaries.js';
import { placeOf } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';

export const cat = defineCommand<JsonFlag>({
  summary: summaries.cat,
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?, or all', least: 1 },
  async run({ control, print }, { json }, services) {
    const { blocks } = await control.call('cat', { services });
    await print(json ? `${JSON.stringify(blocks, null, 2)}\n` : blocks.map((block) => `# ${placeOf(block)}\n${block.text}`).join('\n'));
    return 0;
  },
});
