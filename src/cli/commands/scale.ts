import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderOutcomes } from '../render/outcomes.js';
import { waiting } from '../waiting.js';

export const scale = defineCommand<JsonFlag>({
  summary: summaries.scale,
  description: 'Starts or ends replicas until there are so many. It holds, also after a restart of superd, until another scale.',
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: { name: 'word', brief: 'The id of the daemon, and how many', least: 2 },
  async run(session, { json }, [service = '', text = '', ...more]) {
    if (!/^\d{1,4}$/.test(text) || Number(text) > 1000 || more.length > 0)
      throw new ConfigError('usage', 'wanted superctl scale SERVICE NUMBER, and a number from 0 to 1000');
    const result = await waiting(session, `scaling ${service}`, session.control.call('scale', { service, replicas: Number(text) }));
    const { errors, exitCode } = renderOutcomes('scale', result.units);
    session.tell(errors);
    if (json) await session.print(`${JSON.stringify(result, null, 2)}\n`);
    return exitCode;
  },
});
