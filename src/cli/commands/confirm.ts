import { summaries } from '../../control/summaries.js';
import { defineCommand } from '../command.js';

export const confirm = defineCommand<Record<never, never>>({
  summary: summaries.confirm,
  flags: {},
  words: null,
  async run({ control }) {
    await control.call('confirm', {});
    return 0;
  },
});
