import { summaries } from '../../control/summaries.js';
import { defineCommand } from '../command.js';
import { secondsOf } from '../flag-values.js';

interface BanFlags {
  readonly for?: number;
  readonly comment?: string;
}

export const ban = defineCommand<BanFlags>({
  summary: summaries.ban,
  flags: {
    for: {
      kind: 'parsed',
      parse: secondsOf,
      optional: true,
      brief: 'How long, as 30m, 12h or 7d; for ever if not said',
      placeholder: 'time',
    },
    comment: { kind: 'parsed', parse: String, optional: true, brief: 'Words to remember it by', placeholder: 'text' },
  },
  words: { name: 'source', brief: 'Addresses, or networks in CIDR notation', least: 1 },
  async run({ control, tell }, { for: seconds, comment }, sources) {
    let status = 0;
    for (const source of sources) {
      const details = { ...(seconds === undefined ? {} : { seconds }), ...(comment === undefined ? {} : { comment }) };
      const { banned } = await control.call('ban', { source, ...details });
      if (banned) continue;
      tell(`superctl: ${source} is exempt (ban_exempt) and was not banned\n`);
      status = 1;
    }
    return status;
  },
});
