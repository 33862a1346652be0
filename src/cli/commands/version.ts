import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';

export const version = defineCommand<JsonFlag>({
  summary: summaries.version,
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: null,
  async run({ control, print }, { json }) {
    const result = await control.call('version', {});
    await print(json ? `${JSON.stringify(result, null, 2)}\n` : `superd ${result.version} (pid ${result.pid}, ${result.config})\n`);
    return 0;
  },
});
