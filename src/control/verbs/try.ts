import { ConfigError } from '../../errors.js';
import { runSoon } from '../../guarded.js';
import { count, object, oneOf, optional } from '../schema.js';
import { defineStream } from '../verb.js';

const MAX_SECONDS = 24 * 3600;

/** `try` itself is a reserved word of JavaScript. */
export const tryPlan = defineStream({
  name: 'try',
  role: 'admin',
  params: object({ seconds: count('superd rolls back after this time without confirm') }),
  item: object({
    state: oneOf(['unchanged', 'provisional', 'confirmed', 'rolled-back'], 'unchanged: there is nothing to confirm'),
    deadline: optional(count('When superd rolls back, milliseconds since the epoch')),
  }),
  async open({ seconds }, { daemon }, emit, finish) {
    if (seconds === 0 || seconds > MAX_SECONDS) throw new ConfigError('usage', `seconds: wanted 1 to ${MAX_SECONDS}, found ${seconds}`);
    const apply = await daemon.applyProvisionally(seconds * 1000);
    if (apply === null) {
      emit({ state: 'unchanged' });
      // The head of the answer must be written first.
      runSoon(finish);
      return () => {};
    }
    emit({ state: 'provisional', deadline: apply.deadline });
    apply.ended.then(
      (state) => {
        emit({ state });
        finish();
      },
      () => finish(),
    );
    return () => {
      apply.rollBack().catch(() => {});
    };
  },
});
