import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderBans } from '../render/bans.js';

export const bans = defineCommand<JsonFlag>({
  summary: summaries.bans,
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: null,
  async run({ control, print, look }, { json }) {
    const result = await control.call('bans', {});
    await print(json ? `${JSON.stringify(result.bans, null, 2)}\n` : renderBans(result, look));
    return 0;
  },
});
