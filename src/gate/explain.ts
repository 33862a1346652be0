import type { FactAnswer, Need } from '../access/index.js';
import { placeOf } from '../errors.js';
import type { RefusalReason } from '../report/event.js';
import type { Check, CheckResult } from './check.js';
import type { CheckState } from './check-kind.js';
import { checkKinds, decide, type Gate } from './gate.js';

export type StepVerdict = 'pass' | 'refuse' | 'depends' | 'not asked';

/** One check of an explanation. */
export interface ExplainedCheck {
  readonly reason: RefusalReason;
  readonly verdict: StepVerdict;
  /** The attributes it comes from, as written; empty for a default. */
  readonly rule: string;
  /** `file:line` of each, and of the access rule that decides. */
  readonly places: readonly string[];
  /** Counters and limits as they are now, for people. */
  readonly state: string;
}

/** The gate's answer to one client, with its reasons. */
export interface Explanation {
  readonly verdict: 'admit' | 'refuse' | 'depends';
  /** Of a refusal, or of the check that cannot decide yet. */
  readonly reason: RefusalReason | null;
  /** The missing fact, for people; empty when there is none. */
  readonly on: string;
  readonly steps: readonly ExplainedCheck[];
}

export interface ExplainInput extends CheckState {
  readonly gate: Gate;
  /** Facts that are known without waiting; undefined for all others. */
  readonly atHand: (need: Need) => FactAnswer | undefined;
}

/**
 * Asks the function that decides about connections, then every check separately. Changes nothing.
 *
 * @example explain({ plan, gate, facts, tally, context, atHand: () => undefined }).verdict // 'admit'
 */
export function explain(input: ExplainInput): Explanation {
  const { gate, facts, tally, atHand } = input;
  let verdict = decide(gate, facts, tally);
  while (verdict.kind === 'wait') {
    const answer = atHand(verdict.need);
    if (answer === undefined) break;
    facts.asked.learn(verdict.need, answer);
    verdict = decide(gate, facts, tally);
  }
  const decidedBy = verdict.kind === 'admit' ? null : verdict.reason;
  const last = decidedBy === null ? gate.checks.length : gate.checks.findIndex(({ reason }) => reason === decidedBy);
  return {
    verdict: verdict.kind === 'wait' ? 'depends' : verdict.kind,
    reason: decidedBy,
    on: verdict.kind === 'wait' ? describeNeed(verdict.need) : '',
    steps: gate.checks.map((check, i) => explainCheck(check, i > last ? null : check.ask(facts, tally), input)),
  };
}

/** @param answer null for a check that the gate does not reach. */
function explainCheck({ reason }: Check, answer: CheckResult | null, input: ExplainInput): ExplainedCheck {
  const { origins } = input.plan;
  const kind = checkKinds.get(reason);
  const written = kind?.attributes.filter((name) => origins[name] !== undefined) ?? [];
  return {
    reason,
    verdict: answer === null ? 'not asked' : verdictOf(answer),
    rule: written.join(', '),
    places: [...written.flatMap((name) => origins[name] ?? []).map(placeOf), ...ruleOf(answer)],
    state: kind?.describe(input) ?? '',
  };
}

function verdictOf(answer: CheckResult): StepVerdict {
  if (typeof answer === 'string') return answer;
  if ('need' in answer) return 'depends';
  return answer.verdict === 'allow' ? 'pass' : 'refuse';
}

function ruleOf(answer: CheckResult | null): string[] {
  if (answer === null || typeof answer === 'string' || 'need' in answer || answer.rule === null) return [];
  return [placeOf(answer.rule)];
}

function describeNeed(need: Need): string {
  switch (need.fact) {
    case 'client-name':
      return "the client's host name (DNS)";
    case 'server-name':
      return "the host name of the server's address (DNS)";
    case 'user':
      return "the client's user (ident)";
    case 'command':
      return `the command ${need.command}`;
    case 'file':
      return `the file ${need.path}`;
    case 'account':
      return `the account ${need.name}`;
    case 'netgroup':
      return `the netgroup ${need.group}`;
  }
}
