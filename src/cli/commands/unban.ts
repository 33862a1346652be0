import { summaries } from '../../control/summaries.js';
import { defineCommand } from '../command.js';

export const unban = defineCommand<object>({
  summary: summaries.unban,
  flags: {},
  arguments: [{ name: 'source', brief: 'As superctl bans lists them', count: 'some' }],
  async run({ control, note }, _, sources) {
    let status = 0;
    for (const source of sources) {
      const { unbanned } = await control.call('unban', { source });
      if (unbanned) continue;
      note(`superctl: ${source} is not banned\n`);
      status = 1;
    }
    return status;
  },
});
