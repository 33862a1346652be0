import { summaries } from '../../control/summaries.js';
import { defineCommand } from '../command.js';

export const confirm = defineCommand<Record<never, never>>({
  summary: summaries.confirm,
  flags: {},
  arguments: [],
  async run({ control }) {
    await control.call('confirm', {});
    return 0;
  },
});
