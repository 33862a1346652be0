import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';
import { renderBans } from '../render/bans.js';

export const bans = defineCommand<JsonFlag>({
  summary: summaries.bans,
  flags: { json: jsonFlag },
  arguments: [],
  async run({ control, print, style }, { json }) {
    const result = await control.call('bans', {});
    await print(json ? jsonText(result.bans) : renderBans(result, style));
    return 0;
  },
});
