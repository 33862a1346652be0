import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderPlan } from '../render/plan.js';

export const plan = defineCommand<JsonFlag>({
  summary: 'Show what apply would do, and which sessions would be lost',
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
