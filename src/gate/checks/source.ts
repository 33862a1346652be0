import { PrefixSet } from '../../address/prefix-set.js';
import type { SourceList } from '../../config/plan.js';
import type { Check, CheckResult } from '../check.js';
import type { CheckKind } from '../check-kind.js';
import type { ConnectionFacts } from '../facts.js';
import type { MissingFact } from '../verdict.js';

const CLIENT_NAME: MissingFact = { need: { fact: 'client-name' }, effects: [] };

/** `name`: the answer depends on the client's name. */
type Membership = 'in' | 'out' | 'name';

/**
 * `only_from` and `no_access`, xinetd.conf(5): refuses a source that `no_access` lists, or that an existing `only_from` does not list.
 * A source in both is refused.
 */
export const source: CheckKind = {
  reason: 'address',
  attributes: ['only_from', 'no_access'],
  build({ plan: { onlyFrom, noAccess }, peer }) {
    return peer === 'none' || (onlyFrom === null && noAccess === null) ? null : sourceCheck(onlyFrom, noAccess);
  },
  describe({ plan: { onlyFrom, noAccess } }) {
    const lists = [countEntries('only_from', onlyFrom), countEntries('no_access', noAccess)];
    return lists.filter((one) => one !== '').join(', ');
  },
};

const countEntries = (name: string, list: SourceList | null) =>
  list === null ? '' : `${name} ${list.prefixes.length + list.names.length} entries`;

/** The check itself; a reload asks it about running sessions. */
export function sourceCheck(onlyFrom: SourceList | null, noAccess: SourceList | null): Check {
  const allowed = onlyFrom === null ? null : membership(onlyFrom);
  const barred = noAccess === null ? null : membership(noAccess);
  return {
    reason: 'address',
    ask(facts): CheckResult {
      const bar = barred === null ? 'out' : barred(facts);
      if (bar === 'in') return 'refuse';
      const allow = allowed === null ? 'in' : allowed(facts);
      if (allow === 'out') return 'refuse';
      return bar === 'name' || allow === 'name' ? CLIENT_NAME : 'pass';
    },
  };
}

function membership(list: SourceList): (facts: ConnectionFacts) => Membership {
  const prefixes = new PrefixSet(list.prefixes);
  const exact = new Set(list.names.filter((name) => !name.startsWith('.')));
  const endings = list.names.filter((name) => name.startsWith('.'));
  return ({ address, asked }) => {
    if (address === null) return 'out';
    if (prefixes.has(address)) return 'in';
    if (list.names.length === 0) return 'out';
    const name = confirmedName(asked);
    if (name === undefined) return 'name';
    if (name === null) return 'out';
    return exact.has(name) || endings.some((ending) => name.endsWith(ending)) ? 'in' : 'out';
  };
}

/** Lower case; null when the client has no confirmed name, undefined before a look-up. */
function confirmedName(asked: ConnectionFacts['asked']): string | null | undefined {
  const name = asked.get(CLIENT_NAME.need);
  if (name === undefined) return undefined;
  return typeof name !== 'string' || name === '' || name === 'unknown' || name === 'paranoid' ? null : name.toLowerCase();
}
