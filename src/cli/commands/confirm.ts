import { defineCommand } from '../command.js';

export const confirm = defineCommand<Record<never, never>>({
  summary: 'Keep the configuration that apply --confirm tries',
  flags: {},
  words: null,
  async run({ control }) {
    await control.call('confirm', {});
    return 0;
  },
});
