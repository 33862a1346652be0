import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderCheck } from '../render/check.js';

export const check = defineCommand<JsonFlag>({
  summary: 'Tell what is wrong with the configuration as it stands in the files; 100 when it has errors',
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: null,
  async run({ control, print, look }, { json }) {
    const result = await control.call('check', {});
    const { text, exitCode } = renderCheck(result, look);
    await print(json ? `${JSON.stringify(result, null, 2)}\n` : text);
    return exitCode;
  },
});
