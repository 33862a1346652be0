import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';
import { renderCheck } from '../render/check.js';

export const check = defineCommand<JsonFlag>({
  summary: summaries.check,
  description: 'Exits with 100 when there are errors.',
  flags: { json: jsonFlag },
  arguments: [],
  async run({ control, print, style }, { json }) {
    const result = await control.call('check', {});
    const { text, exitCode } = renderCheck(result, style);
    await print(json ? jsonText(result) : text);
    return exitCode;
  },
});
