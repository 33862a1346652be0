import { Refused } from '../failure.js';
import { object, oneOf } from '../schema.js';
import { defineVerb } from '../verb.js';

export const confirm = defineVerb({
  name: 'confirm',
  role: 'admin',
  params: object({}),
  result: object({ state: oneOf(['confirmed', 'rolled-back']) }),
  async run(_, { daemon }) {
    const trial = daemon.pendingApply();
    if (trial === null) throw new Refused('no-trial', 'nothing is tried: either nobody asked for it, or the time is over');
    const state = await trial.confirm();
    if (state !== 'confirmed') throw new Refused('no-trial', 'too late: the configuration before runs again');
    return { state };
  },
});
