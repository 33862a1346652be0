import { type CompiledTable, decide } from '../../access/index.js';
import type { Check, CheckResult } from '../check.js';
import type { GateContext } from '../context.js';

/**
 * hosts.allow and hosts.deny, hosts_access(5), asked about the daemon name in the facts. It passes without another word unless a
 * rule asks for more; a twist passes, because the command takes the server's place.
 */
export function wrappersCheck({ tables }: GateContext): Check {
  return {
    reason: 'wrappers',
    ask({ asked }): CheckResult {
      const current = tables();
      if (saysNothing(current.allow) && saysNothing(current.deny)) return 'pass';
      const answer = decide(current, asked);
      if (answer.kind === 'needs') return { need: answer.need, effects: answer.effects };
      return answer.verdict === 'allow' && answer.twist === null && answer.effects.length === 0 ? 'pass' : answer;
    },
  };
}

const saysNothing = ({ rules, broken }: CompiledTable) => rules.length === 0 && broken === null;
