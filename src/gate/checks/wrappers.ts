import { type CompiledTable, decide } from '../../access/index.js';
import type { CheckResult } from '../check.js';
import type { CheckKind } from '../check-kind.js';

/**
 * hosts.allow and hosts.deny, hosts_access(5), for the daemon name in the facts. A rule whose options ask for something answers with a
 * `Decision`; a twist passes, because its command replaces the server.
 */
export const wrappers: CheckKind = {
  reason: 'wrappers',
  attributes: ['libwrap'],
  build({ plan, context: { tables }, peer }) {
    if (peer === 'none' || plan.wrappers === null) return null;
    return {
      reason: 'wrappers',
      ask({ asked }): CheckResult {
        const current = tables();
        if (isEmpty(current.allow) && isEmpty(current.deny)) return 'pass';
        const answer = decide(current, asked);
        if (answer.kind === 'needs') return { need: answer.need, effects: answer.effects };
        return answer.verdict === 'allow' && answer.twist === null && answer.effects.length === 0 ? 'pass' : answer;
      },
    };
  },
  describe: ({ plan }) => `as ${plan.wrappers}`,
};

const isEmpty = ({ rules, broken }: CompiledTable) => rules.length === 0 && broken === null;
