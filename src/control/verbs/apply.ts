import { count, object } from '../schema.js';
import { defineVerb } from '../verb.js';

export const apply = defineVerb({
  name: 'apply',
  role: 'admin',
  params: object({}),
  result: object({ added: count(), kept: count(), dropped: count() }),
  async run(_, { daemon }) {
    const { added, kept, dropped } = await daemon.apply();
    return { added, kept, dropped };
  },
});
