import { summaries } from '../../control/summaries.js';
import { defineCommand } from '../command.js';

export const unban = defineCommand<object>({
  summary: summaries.unban,
  flags: {},
  words: { name: 'source', brief: 'As bans shows them', least: 1 },
  async run({ control, tell }, _, sources) {
    let status = 0;
    for (const source of sources) {
      const { unbanned } = await control.call('unban', { source });
      if (unbanned) continue;
      tell(`superctl: ${source} is not banned\n`);
      status = 1;
    }
    return status;
  },
});
