import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { waiting } from '../waiting.js';

interface KickFlags extends JsonFlag {
  readonly from?: string;
}

export const kick = defineCommand<KickFlags>({
  summary: summaries.kick,
  description: 'Cuts the client off at once, has its server end, and kills it if it does not. superctl sessions shows the numbers.',
  flags: { json: jsonFlag, from: { kind: 'parsed', parse: String, optional: true, brief: 'All of this address', placeholder: 'address' } },
  aliases: { j: 'json' },
  words: { name: 'session', brief: 'Numbers of sessions' },
  async run(session, { json, from }, words) {
    const sessions = words.map(number);
    const asked = session.control.call('kick', { sessions, ...(from === undefined ? {} : { from }) });
    const result = await waiting(session, 'ending sessions', asked);
    if (json) await session.print(`${JSON.stringify(result, null, 2)}\n`);
    for (const id of result.left) session.tell(`superctl: kick ${id}: could not be ended\n`);
    return result.left.length === 0 ? 0 : 1;
  },
});

function number(word: string): number {
  if (!/^\d{1,15}$/.test(word))
    throw new ConfigError('usage', `${JSON.stringify(word)} is no number of a session; superctl sessions shows them`);
  return Number(word);
}
