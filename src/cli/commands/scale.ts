import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';
import { withProgress } from '../progress.js';
import { renderOutcomes } from '../render/outcomes.js';

export const scale = defineCommand<JsonFlag>({
  summary: summaries.scale,
  description: 'Starts or stops replicas. The number holds, also across restarts of superd, until the next scale.',
  flags: { json: jsonFlag },
  arguments: [
    { name: 'service', brief: 'Id of the daemon' },
    { name: 'number', brief: 'Number of replicas, 0 to 1000' },
  ],
  async run(context, { json }, [service = '', text = '']) {
    if (!/^\d{1,4}$/.test(text) || Number(text) > 1000)
      throw new ConfigError('usage', 'wanted superctl scale SERVICE NUMBER, and a number from 0 to 1000');
    const answer = context.control.call('scale', { service, replicas: Number(text) });
    const result = await withProgress(context, `scaling ${service}`, answer);
    const { errors, exitCode } = renderOutcomes('scale', result.units);
    context.note(errors);
    if (json) await context.print(jsonText(result));
    return exitCode;
  },
});
