import { ConfigError } from '../../errors.js';
import { count, object, oneOf, optional } from '../schema.js';
import { defineStream } from '../verb.js';

const MOST_SECONDS = 24 * 3600;

/** Its own name is a word of the language. */
export const tryPlan = defineStream({
  name: 'try',
  role: 'admin',
  params: object({ seconds: count('How long it may wait for confirm') }),
  item: object({
    state: oneOf(['tried', 'confirmed', 'rolled-back']),
    added: optional(count()),
    kept: optional(count()),
    dropped: optional(count()),
    deadline: optional(count('Milliseconds since the epoch')),
  }),
  async open({ seconds }, { daemon }, hand, finish) {
    if (seconds === 0 || seconds > MOST_SECONDS) throw new ConfigError('usage', `seconds: wanted 1 to ${MOST_SECONDS}, found ${seconds}`);
    const trial = await daemon.applyProvisionally(seconds * 1000);
    hand({ state: 'tried', deadline: trial.deadline });
    trial.ended.then(
      (state) => {
        hand({ state });
        finish();
      },
      () => finish(),
    );
    return () => void trial.rollBack().catch(() => {});
  },
});
