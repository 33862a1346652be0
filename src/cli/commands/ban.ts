import { summaries } from '../../control/summaries.js';
import { defineCommand, valueFlag } from '../command.js';
import { secondsOf } from '../flag-values.js';

interface BanFlags {
  readonly for?: number;
  readonly comment?: string;
}

export const ban = defineCommand<BanFlags>({
  summary: summaries.ban,
  flags: {
    for: { ...valueFlag('Duration, as 30m, 12h or 7d (default: until unbanned)', 'time'), parse: secondsOf },
    comment: valueFlag('Reason, shown by superctl bans', 'text'),
  },
  arguments: [{ name: 'source', brief: 'Addresses, or networks in CIDR notation', count: 'some' }],
  async run({ control, note }, { for: seconds, comment }, sources) {
    let status = 0;
    for (const source of sources) {
      const details = { ...(seconds === undefined ? {} : { seconds }), ...(comment === undefined ? {} : { comment }) };
      const { banned } = await control.call('ban', { source, ...details });
      if (banned) continue;
      note(`superctl: ${source} is exempt (ban_exempt) and was not banned\n`);
      status = 1;
    }
    return status;
  },
});
