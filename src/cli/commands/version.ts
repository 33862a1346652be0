import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';

export const version = defineCommand<JsonFlag>({
  summary: summaries.version,
  flags: { json: jsonFlag },
  arguments: [],
  async run({ control, print }, { json }) {
    const result = await control.call('version', {});
    await print(json ? jsonText(result) : `superd ${result.version} (pid ${result.pid}, ${result.config})\n`);
    return 0;
  },
});
