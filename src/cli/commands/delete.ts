import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { waiting } from '../waiting.js';

export const deleteServices = defineCommand<JsonFlag>({
  summary: summaries.delete,
  description: 'What stands in a file of the configuration is taken out there, or switched off with disable.',
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or patterns; all is all that run has started', least: 1 },
  async run(session, { json }, services) {
    const result = await waiting(session, `ending ${services.join(' ')}`, session.control.call('delete', { services }));
    if (json) await session.print(`${JSON.stringify(result, null, 2)}\n`);
    return 0;
  },
});
