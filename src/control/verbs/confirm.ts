import { Refused } from '../failure.js';
import { object, oneOf } from '../schema.js';
import { defineVerb } from '../verb.js';

export const confirm = defineVerb({
  name: 'confirm',
  role: 'admin',
  params: object({}),
  result: object({ state: oneOf(['confirmed', 'rolled-back']) }),
  async run(_, { daemon }) {
    const apply = daemon.pendingApply();
    if (apply === null)
      throw new Refused('nothing-to-confirm', 'no provisional configuration is running: there was none, or its time is over');
    const state = await apply.confirm();
    if (state !== 'confirmed') throw new Refused('nothing-to-confirm', 'too late: superd has rolled back to the previous configuration');
    return { state };
  },
});
