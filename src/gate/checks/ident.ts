import type { Need } from '../../access/index.js';
import type { Check, CheckResult } from '../check.js';

const USER: Need = { fact: 'user', timeoutSeconds: null };

/** The flag IDONLY of xinetd.conf(5): the client's host must tell its user (RFC 1413). A host says what it likes: this keeps nobody out who has one of his own. */
export function identCheck(): Check {
  return {
    reason: 'ident',
    ask({ asked }): CheckResult {
      const user = asked.get(USER);
      if (user === undefined) return { need: USER, effects: [] };
      return user === 'unknown' ? 'refuse' : 'pass';
    },
  };
}
