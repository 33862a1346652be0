import type { Effect } from './effect.js';
import { Evaluation, FactNeeded } from './evaluation.js';
import { matchClients, matchDaemons } from './match.js';
import type { Need, RequestFacts } from './request.js';
import type { Rule } from './rule.js';
import { OptionRun, type OptionsOutcome } from './run-options.js';
import type { AccessTables, CompiledTable } from './tables.js';

/** The rule that decided. */
export interface RuleOrigin {
  readonly path: string;
  /** The last line of the rule, as libwrap counts; `firstLine` is its first. */
  readonly line: number;
  readonly firstLine: number;
}

/** The reason for a verdict. */
export type DecisionReason =
  /** The table of the first matching rule. */
  | 'rule'
  /** An `allow`, `deny` or `twist` at the end of the matching rule. */
  | 'option'
  /** The matching rule has an impossible option: refused. */
  | 'option-error'
  /** hosts.deny ends early or is unreadable: refused. */
  | 'table-broken'
  /** No rule matched: allowed. */
  | 'no-rule';

export interface Decision {
  readonly kind: 'decided';
  readonly verdict: 'allow' | 'deny';
  readonly reason: DecisionReason;
  /** null when no rule matched. */
  readonly rule: RuleOrigin | null;
  /** The problem, for `option-error` and `table-broken`; otherwise ''. */
  readonly problem: string;
  /** The command that answers the client instead of the service; the verdict is then `allow`. */
  readonly twist: string | null;
  readonly effects: readonly Effect[];
}

/** A decision that needs one more fact. */
export interface Undecided {
  readonly kind: 'needs';
  readonly need: Need;
  /** The rule that needs it. */
  readonly rule: RuleOrigin;
  /** The effects of earlier options; an `aclexec` command sees the environment they make. */
  readonly effects: readonly Effect[];
}

export type AccessVerdict = Decision | Undecided;

/**
 * Decides whether a client may use a service: by hosts.allow, then hosts.deny, otherwise yes (hosts_access(5)). Looks nothing up and runs
 * nothing. When a rule needs a fact that is not in `facts`, the answer names it; fetch it, `facts.learn` it, and decide again.
 *
 * @example
 * decide(tables, new RequestFacts({ daemon: 'sshd', client: { address: '192.0.2.7' }, server: { address: '192.0.2.1' } }))
 * // { kind: 'decided', verdict: 'allow', reason: 'rule', rule: { path: '/etc/hosts.allow', line: 1, … }, … }
 */
export function decide(tables: AccessTables, facts: RequestFacts): AccessVerdict {
  return new Attempt(tables, facts).answer();
}

/** One attempt at a decision. */
class Attempt {
  private readonly evaluation: Evaluation;
  private readonly options: OptionRun;
  private table: CompiledTable;
  private rule = 0;
  private lastTriedInAllow = Number.POSITIVE_INFINITY;

  constructor(
    private readonly tables: AccessTables,
    facts: RequestFacts,
  ) {
    this.evaluation = new Evaluation(facts, tables.hasInterface, () => this.replayNameLookUps());
    this.options = new OptionRun(this.evaluation);
    this.table = tables.allow;
  }

  answer(): AccessVerdict {
    try {
      return this.search('allow') ?? this.search('deny') ?? this.decided('allow', 'no-rule', null, '');
    } catch (missing) {
      if (!(missing instanceof FactNeeded)) throw missing;
      return { kind: 'needs', need: missing.need, rule: this.origin(this.rule), effects: this.options.effects };
    }
  }

  /** null when the table does not decide. */
  private search(verdict: 'allow' | 'deny'): Decision | null {
    const table = (this.table = this.tables[verdict]);
    const found = table.index.findFirst(this.evaluation, (number) => this.matches(number));
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
    return matchDaemons(daemons, this.evaluation) && matchClients(clients, this.evaluation);
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
   * Replays the rules that libwrap would have tried, to find out which host names it would have looked up, before `%h` and the like take a
   * name or an address. The index may have skipped those rules.
   */
  private replayNameLookUps(): void {
    const { evaluation, table, rule } = this;
    const earlier = table === this.tables.deny ? this.tables.allow : null;
    for (const [host, numbers] of [
      [evaluation.client, 'rulesAskingClientName'] as const,
      [evaluation.server, 'rulesAskingServerName'] as const,
    ]) {
      if (earlier !== null) this.replayRules(host, earlier, earlier[numbers], this.lastTriedInAllow);
      this.replayRules(host, table, table[numbers], rule);
    }
    this.table = table;
    this.rule = rule;
  }

  private replayRules(host: Evaluation['client'], table: CompiledTable, numbers: readonly number[], last: number): void {
    this.table = table;
    for (const number of numbers) {
      if (host.isNameAsked || number > last) return;
      this.matches(number);
    }
  }
}
