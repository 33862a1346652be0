import { Asking, Missing } from './asking.js';
import type { Effect } from './effect.js';
import { matchClients, matchDaemons } from './match.js';
import type { Need, RequestFacts } from './request.js';
import type { Rule } from './rule.js';
import { OptionRun, type OptionsOutcome } from './run-options.js';
import type { AccessTables, CompiledTable } from './tables.js';

/** The rule that decided. */
export interface RuleOrigin {
  readonly path: string;
  /** The last line of the rule, as libwrap counts; `firstLine` is where it begins. */
  readonly line: number;
  readonly firstLine: number;
}

/** Why the verdict is what it is. */
export type DecisionReason =
  /** The table in which the first matching rule stands. */
  | 'rule'
  /** An `allow`, `deny` or `twist` at the end of the matching rule. */
  | 'option'
  /** The matching rule has an option that cannot be carried out: refused. */
  | 'option-error'
  /** hosts.deny ends early or cannot be read: refused. */
  | 'table-broken'
  /** No rule matched: allowed. */
  | 'no-rule';

export interface Decision {
  readonly kind: 'decided';
  readonly verdict: 'allow' | 'deny';
  readonly reason: DecisionReason;
  /** null when no rule matched. */
  readonly rule: RuleOrigin | null;
  /** What is wrong, for `option-error` and `table-broken`; otherwise ''. */
  readonly problem: string;
  /** The command that answers the client in place of the service; the verdict is then `allow`. */
  readonly twist: string | null;
  readonly effects: readonly Effect[];
}

/** The decision stands still until one more fact is known. */
export interface Undecided {
  readonly kind: 'needs';
  readonly need: Need;
  /** The rule that asks. */
  readonly rule: RuleOrigin;
  /** What options that ran before ask for; an `aclexec` command sees the environment they make. */
  readonly effects: readonly Effect[];
}

export type AccessVerdict = Decision | Undecided;

/**
 * Decides whether a client may have a service: hosts.allow, then hosts.deny, otherwise yes (hosts_access(5)). Nothing is
 * looked up or run. When a rule needs a fact that is not in `facts`, the answer says which; fetch it, `facts.learn` it, and
 * decide again.
 *
 * @example
 * decide(tables, new Facts({ daemon: 'sshd', client: { address: '192.0.2.7' }, server: { address: '192.0.2.1' } }))
 * // { kind: 'decided', verdict: 'allow', reason: 'rule', rule: { path: '/etc/hosts.allow', line: 1, … }, … }
 */
export function decide(tables: AccessTables, facts: RequestFacts): AccessVerdict {
  return new Course(tables, facts).answer();
}

/** One attempt at a decision. */
class Course {
  private readonly asking: Asking;
  private readonly options: OptionRun;
  private table: CompiledTable;
  private rule = 0;
  private lastTriedInAllow = Number.POSITIVE_INFINITY;

  constructor(
    private readonly tables: AccessTables,
    facts: RequestFacts,
  ) {
    this.asking = new Asking(facts, tables.hasInterface, () => this.settleNames());
    this.options = new OptionRun(this.asking);
    this.table = tables.allow;
  }

  answer(): AccessVerdict {
    try {
      return this.search('allow') ?? this.search('deny') ?? this.decided('allow', 'no-rule', null, '');
    } catch (missing) {
      if (!(missing instanceof Missing)) throw missing;
      return { kind: 'needs', need: missing.need, rule: this.origin(this.rule), effects: this.options.effects };
    }
  }

  /** null when the table does not decide. */
  private search(verdict: 'allow' | 'deny'): Decision | null {
    const table = (this.table = this.tables[verdict]);
    const found = table.index.findFirst(this.asking, (number) => this.matches(number));
    if (found === -1) return this.unmatched(verdict, table);
    const { options } = table.rules[found] as Rule;
    if (options === null) return this.decided(verdict, 'rule', found, '');
    this.rule = found;
    const outcome = this.options.run(options);
    if (outcome !== null) return this.decidedByOption(outcome, found);
    if (!this.options.aclexecFailed) return this.decided(verdict, 'rule', found, '');
    if (verdict === 'allow') this.lastTriedInAllow = found;
    return null;
  }

  private unmatched(verdict: 'allow' | 'deny', { broken, path }: CompiledTable): Decision | null {
    if (broken === null || verdict === 'allow') return null;
    const rule = { path, line: broken.line, firstLine: broken.line };
    return { kind: 'decided', verdict, reason: 'table-broken', rule, problem: broken.problem, twist: null, effects: this.options.effects };
  }

  private matches(number: number): boolean {
    this.rule = number;
    const { daemons, clients } = this.table.rules[number] as Rule;
    return matchDaemons(daemons, this.asking) && matchClients(clients, this.asking);
  }

  private decidedByOption(outcome: OptionsOutcome, number: number): Decision {
    switch (outcome.kind) {
      case 'error':
        return this.decided('deny', 'option-error', number, outcome.problem);
      case 'twist':
        return { ...this.decided('allow', 'option', number, ''), twist: outcome.command };
      default:
        return this.decided(outcome.kind, 'option', number, '');
    }
  }

  private decided(verdict: 'allow' | 'deny', reason: DecisionReason, number: number | null, problem: string): Decision {
    const rule = number === null ? null : this.origin(number);
    return { kind: 'decided', verdict, reason, rule, problem, twist: null, effects: this.options.effects };
  }

  private origin(number: number): RuleOrigin {
    const { line, firstLine } = this.table.rules[number] as Rule;
    return { path: this.table.path, line, firstLine };
  }

  /**
   * Finds out which host names libwrap would have looked up by now, trying the rules it tried, before `%h` and its like take
   * a name or an address. The index may have passed over them.
   */
  private settleNames(): void {
    const { asking, table, rule } = this;
    const earlier = table === this.tables.deny ? this.tables.allow : null;
    for (const [host, numbers] of [[asking.client, 'askingClientName'] as const, [asking.server, 'askingServerName'] as const]) {
      if (earlier !== null) this.settle(host, earlier, earlier[numbers], this.lastTriedInAllow);
      this.settle(host, table, table[numbers], rule);
    }
    this.table = table;
    this.rule = rule;
  }

  private settle(host: Asking['client'], table: CompiledTable, numbers: readonly number[], last: number): void {
    this.table = table;
    for (const number of numbers) {
      if (host.nameIsAsked || number > last) return;
      this.matches(number);
    }
  }
}
