import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand } from '../command.js';

interface BanFlags {
  readonly for?: string;
  readonly comment?: string;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export const ban = defineCommand<BanFlags>({
  summary: summaries.ban,
  flags: {
    for: { kind: 'parsed', parse: String, optional: true, brief: 'How long, as 30m, 12h or 7d; for ever if not said', placeholder: 'time' },
    comment: { kind: 'parsed', parse: String, optional: true, brief: 'Words to remember it by', placeholder: 'text' },
  },
  words: { name: 'source', brief: 'Addresses, or networks in CIDR notation', least: 1 },
  async run({ control, tell }, { for: time, comment }, sources) {
    const seconds = time === undefined ? undefined : secondsOf(time);
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

function secondsOf(text: string): number {
  const match = /^(\d{1,7})([smhd])$/.exec(text);
  if (match === null || Number(match[1]) === 0) throw new ConfigError('usage', `--for ${text}: wanted a number with s, m, h or d, as 12h`);
  return Number(match[1]) * (SECONDS[match[2] as string] as number);
}
