import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderPlan } from '../render/plan.js';

export const plan = defineCommand<JsonFlag>({
  summary: summaries.plan,
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: null,
  async run({ control, print, look }, { json }) {
    const result = await control.call('plan', {});
    const { text, exitCode } = renderPlan(result, Date.now(), look);
    await print(json ? `${JSON.stringify(result, null, 2)}\n` : text);
    return exitCode;
  },
});
