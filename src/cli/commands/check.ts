import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderCheck } from '../render/check.js';

export const check = defineCommand<JsonFlag>({
  summary: summaries.check,
  description: 'Prints every mistake in the configuration files. Exits with 100 when there is an error.',
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
