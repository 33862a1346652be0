import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';
import { withProgress } from '../progress.js';

export const deleteServices = defineCommand<JsonFlag>({
  summary: summaries.delete,
  description: 'Does not touch services of the configuration files: remove those from their file, or use superctl disable.',
  flags: { json: jsonFlag },
  arguments: [{ name: 'service', brief: 'Names or patterns; all is everything that superctl run created', count: 'some' }],
  async run(context, { json }, services) {
    const result = await withProgress(context, `stopping ${services.join(' ')}`, context.control.call('delete', { services }));
    if (json) await context.print(jsonText(result));
    return 0;
  },
});
