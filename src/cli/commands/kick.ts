import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, valueFlag } from '../command.js';
import { withProgress } from '../progress.js';

interface KickFlags extends JsonFlag {
  readonly from?: string;
}

export const kick = defineCommand<KickFlags>({
  summary: summaries.kick,
  description: 'Kills a server that does not stop. superctl sessions lists the numbers.',
  flags: { json: jsonFlag, from: valueFlag('End all sessions of this address', 'address') },
  arguments: [{ name: 'session', brief: 'Numbers of sessions', count: 'any' }],
  async run(context, { json, from }, args) {
    const sessions = args.map(sessionNumber);
    const answer = context.control.call('kick', { sessions, ...(from === undefined ? {} : { from }) });
    const result = await withProgress(context, 'ending sessions', answer);
    if (json) await context.print(jsonText(result));
    for (const id of result.left) context.note(`superctl: kick ${id}: could not be ended\n`);
    return result.left.length === 0 ? 0 : 1;
  },
});

function sessionNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new ConfigError('usage', `${JSON.stringify(text)} is not the number of a session; superctl sessions lists them`);
  return Number(text);
}
