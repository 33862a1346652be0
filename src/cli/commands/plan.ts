import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';
import { renderPlan } from '../render/plan.js';

export const plan = defineCommand<JsonFlag>({
  summary: summaries.plan,
  flags: { json: jsonFlag },
  arguments: [],
  async run({ control, print, style }, { json }) {
    const result = await control.call('plan', {});
    const { text, exitCode } = renderPlan(result, Date.now(), style);
    await print(json ? jsonText(result) : text);
    return exitCode;
  },
});
