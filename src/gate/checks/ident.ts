import type { Need } from '../../access/index.js';
import type { CheckResult } from '../check.js';
import type { CheckKind } from '../check-kind.js';

const USER: Need = { fact: 'user', timeoutSeconds: null };

/**
 * The flag IDONLY, xinetd.conf(5): the client's host must identify its user (RFC 1413). The host may lie, so this stops no client who
 * controls a host.
 */
export const ident: CheckKind = {
  reason: 'ident',
  attributes: ['flags'],
  build({ plan: { requiresIdent }, peer }) {
    if (peer === 'none' || !requiresIdent) return null;
    return {
      reason: 'ident',
      ask({ asked }): CheckResult {
        const user = asked.get(USER);
        if (user === undefined) return { need: USER, effects: [] };
        return user === 'unknown' ? 'refuse' : 'pass';
      },
    };
  },
  describe: () => 'IDONLY',
};
