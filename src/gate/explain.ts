import type { FactAnswer, Need } from '../access/index.js';
import type { GatePlan } from '../config/plan.js';
import { placeOf } from '../errors.js';
import type { RefusalReason } from '../report/event.js';
import type { Check, CheckResult } from './check.js';
import { bucketOf } from './checks/rate.js';
import type { GateContext } from './context.js';
import type { ConnectionFacts } from './facts.js';
import { decide, type Gate } from './gate.js';
import { networkOf } from './prefix-tally.js';
import type { Tally } from './tally.js';

export type StepVerdict = 'pass' | 'refuse' | 'depends' | 'not asked';

/** One check of an explanation. */
export interface ExplainedCheck {
  readonly reason: RefusalReason;
  readonly verdict: StepVerdict;
  /** The attributes it comes from, as written; empty for a default. */
  readonly rule: string;
  /** `file:line` of each, and of the access rule that decides. */
  readonly places: readonly string[];
  /** How it stands now: counters and limits, for people. */
  readonly state: string;
}

/** What the gate would say to one client, and why. Nothing is changed by asking. */
export interface Explanation {
  readonly verdict: 'admit' | 'refuse' | 'depends';
  /** Of a refusal, or of the check that it depends on. */
  readonly reason: RefusalReason | null;
  /** What it depends on, for people; empty otherwise. */
  readonly on: string;
  readonly steps: readonly ExplainedCheck[];
}

export interface ExplainInput {
  readonly plan: GatePlan;
  readonly gate: Gate;
  readonly facts: ConnectionFacts;
  readonly tally: Tally;
  readonly surroundings: GateContext;
  /** Facts that cost no waiting; undefined for everything else. */
  readonly atHand: (need: Need) => FactAnswer | undefined;
}

/**
 * Asks the very function that decides about connections, and every check by itself.
 *
 * @example explain({ plan, gate, facts, tally, surroundings, atHand: () => undefined }).verdict // 'admit'
 */
export function explain(explained: ExplainInput): Explanation {
  const { gate, facts, tally, atHand } = explained;
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
    steps: gate.checks.map((check, i) => stepOf(check, i > last, explained)),
  };
}

function stepOf(check: Check, isBehind: boolean, explained: ExplainInput): ExplainedCheck {
  const { facts, tally } = explained;
  const answer = isBehind ? null : check.ask(facts, tally);
  const { attributes, state } = DESCRIPTIONS[check.reason](explained);
  const origins = attributes.flatMap((name) => explained.plan.origins[name] ?? []);
  return {
    reason: check.reason,
    verdict: answer === null ? 'not asked' : verdictOf(answer),
    rule: attributes.filter((name) => explained.plan.origins[name] !== undefined).join(', '),
    places: [...origins.map(placeOf), ...ruleOf(answer)],
    state,
  };
}

function verdictOf(answer: CheckResult): StepVerdict {
  if (typeof answer === 'string') return answer;
  if ('need' in answer) return 'depends';
  return answer.verdict === 'allow' ? 'pass' : 'refuse';
}

const ruleOf = (answer: CheckResult | null): string[] => {
  if (answer === null || typeof answer === 'string' || 'need' in answer || answer.rule === null) return [];
  return [placeOf(answer.rule)];
};

interface CheckDescription {
  readonly attributes: readonly string[];
  readonly state: string;
}

const DESCRIPTIONS: Record<RefusalReason, (explained: ExplainInput) => CheckDescription> = {
  banned({ plan: { enforce }, facts: { address, now }, surroundings: { bans } }) {
    const held = address === null ? null : bans.find(address, now);
    const ban = held ?? (address === null || enforce === 'on' ? null : bans.shadow.find(address, now));
    if (ban === null) return { attributes: [], state: `not among ${bans.size} bans` };
    const until = ban.until === Number.POSITIVE_INFINITY ? 'for ever' : `until ${new Date(ban.until).toISOString()}`;
    return {
      attributes: [],
      state: `${ban.text} ${until} by ${ban.cause === 'operator' ? 'an operator' : `${ban.service} (${ban.cause})`}`,
    };
  },
  sensor: () => ({ attributes: ['flags', 'deny_time'], state: 'a sensor lets nobody in' }),
  proxy: () => ({ attributes: [], state: '' }),
  reflector: () => ({ attributes: [], state: '' }),
  address({ plan: { onlyFrom, noAccess } }) {
    const size = (list: typeof onlyFrom) => (list === null ? 0 : list.prefixes.length + list.names.length);
    const counted = [
      onlyFrom === null ? '' : `only_from ${size(onlyFrom)} entries`,
      noAccess === null ? '' : `no_access ${size(noAccess)} entries`,
    ];
    return { attributes: ['only_from', 'no_access'], state: counted.filter((one) => one !== '').join(', ') };
  },
  time({ facts: { now }, surroundings }) {
    const minute = surroundings.minuteOfDay(now);
    return { attributes: ['access_times'], state: `it is ${two(Math.floor(minute / 60))}:${two(minute % 60)}` };
  },
  rate({ plan: { rate, exempt }, facts, tally }) {
    const left = rate === null ? 0 : bucketOf(rate, tally, facts);
    return {
      attributes: ['rate_per_source', ...(exempt.length > 0 ? ['limit_exempt'] : [])],
      state: `${left} of a burst of ${rate?.burst ?? 0} left`,
    };
  },
  per_source_limit: ({ plan, facts, tally }) => ({
    attributes: ['per_source', ...(plan.exempt.length > 0 ? ['limit_exempt'] : [])],
    state: `${tally.runningBySource.get(facts.source) ?? 0} of ${plan.perSource} sessions of this source`,
  }),
  prefix_limit({ plan, facts: { address }, tally }) {
    const networks = plan.perPrefix.flatMap((limit) => {
      const network = address === null ? null : networkOf(address, limit);
      return network === null ? [] : [`${tally.byPrefix?.of(address!, limit) ?? 0} of ${limit.most} sessions of ${network}`];
    });
    return { attributes: ['per_source_prefix'], state: networks.join(', ') };
  },
  service_limit: ({ plan, tally }) => ({ attributes: ['instances'], state: `${tally.running} of ${plan.instances} sessions` }),
  cps({ plan: { cps }, facts: { address, now }, tally }) {
    const counted =
      cps?.scope === 'source'
        ? `${address === null ? 0 : (tally.cpsBySource?.times(address, now) ?? 0)} of ${cps.max} connections of this source in its second`
        : `${tally.cps.count} connections counted, ${cps?.max} a second may come`;
    return { attributes: ['cps', 'cps_scope'], state: counted };
  },
  load: ({ plan, surroundings }) => ({ attributes: ['max_load'], state: `load ${surroundings.load()}, refused from ${plan.maxLoad}` }),
  process_limit: ({ surroundings }) => ({
    attributes: [],
    state: `${surroundings.running()} of ${surroundings.processLimit} sessions of all services (--limit)`,
  }),
  wrappers: ({ plan }) => ({ attributes: ['libwrap'], state: `as ${plan.wrappers}` }),
  ident: () => ({ attributes: ['flags'], state: 'IDONLY' }),
  internal: () => ({ attributes: [], state: '' }),
};

const two = (number: number) => String(number).padStart(2, '0');

function describeNeed(need: Need): string {
  switch (need.fact) {
    case 'client-name':
      return "the client's host name (DNS)";
    case 'server-name':
      return "the host name of the server's end (DNS)";
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
