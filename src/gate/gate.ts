import { PrefixSet } from '../address/prefix-set.js';
import type { GatePlan } from '../config/plan.js';
import type { RefusalReason } from '../report/event.js';
import type { Check } from './check.js';
import { cpsCheck } from './checks/cps.js';
import { identCheck } from './checks/ident.js';
import { instancesCheck } from './checks/instances.js';
import { loadCheck } from './checks/load.js';
import { perPrefixCheck } from './checks/per-prefix.js';
import { perSourceCheck } from './checks/per-source.js';
import { processLimitCheck } from './checks/process-limit.js';
import { rateCheck } from './checks/rate.js';
import { sensorCheck } from './checks/sensor.js';
import { sourceCheck } from './checks/source.js';
import { sourceCpsCheck } from './checks/source-cps.js';
import { timesCheck } from './checks/times.js';
import { wrappersCheck } from './checks/wrappers.js';
import type { GateContext } from './context.js';
import type { ConnectionFacts } from './facts.js';
import type { Tally } from './tally.js';
import type { Admission, Refusal, Verdict } from './verdict.js';

/** The questions that one service asks of each connection, in order. */
export interface Gate {
  readonly checks: readonly Check[];
}

/** Strangers are turned away before anything is counted, so that they cannot use up what others may have. */
const SUPERD_ORDER: readonly RefusalReason[] = [
  'banned',
  'sensor',
  'address',
  'time',
  'rate',
  'per_source_limit',
  'prefix_limit',
  'service_limit',
  'cps',
  'load',
  'process_limit',
  'wrappers',
  'ident',
];

/** What xinetd asks first it counts for everybody, refused strangers included. */
const XINETD_ORDER: readonly RefusalReason[] = [
  'cps',
  'load',
  'time',
  'rate',
  'service_limit',
  'per_source_limit',
  'prefix_limit',
  'process_limit',
  'banned',
  'sensor',
  'address',
  'wrappers',
  'ident',
];

/**
 * Builds the gate of a service once, so that a connection costs a walk over closures.
 *
 * @param knowsPeer false where connections carry no address (unix sockets): nothing is asked about it then.
 */
export function compileGate(plan: GatePlan, surroundings: GateContext, knowsPeer: boolean): Gate {
  const checks: Check[] = [];
  const { bans } = surroundings;
  if (knowsPeer) checks.push(plan.enforce === 'shadow' ? bans.shadowCheck : bans.check);
  if (plan.sensor !== null) return { checks: [...checks, sensorCheck] };
  if (knowsPeer && (plan.onlyFrom !== null || plan.noAccess !== null)) checks.push(sourceCheck(plan.onlyFrom, plan.noAccess));
  if (plan.accessTimes !== null) checks.push(timesCheck(plan.accessTimes, surroundings));
  const exempt = plan.exempt.length === 0 ? null : new PrefixSet(plan.exempt);
  if (knowsPeer && plan.rate !== null) checks.push(rateCheck(plan.rate, exempt, surroundings));
  if (plan.perSource !== Number.POSITIVE_INFINITY) checks.push(perSourceCheck(plan.perSource, exempt));
  if (knowsPeer && plan.perPrefix.length > 0) checks.push(perPrefixCheck(plan.perPrefix, exempt));
  if (plan.instances !== Number.POSITIVE_INFINITY) checks.push(instancesCheck(plan.instances));
  if (plan.cps !== null && plan.cps.scope === 'service') checks.push(cpsCheck(plan.cps.max));
  if (knowsPeer && plan.cps !== null && plan.cps.scope === 'source') checks.push(sourceCpsCheck(plan.cps, exempt, surroundings));
  if (plan.maxLoad !== null) checks.push(loadCheck(plan.maxLoad, surroundings));
  if (surroundings.processLimit !== Number.POSITIVE_INFINITY) checks.push(processLimitCheck(surroundings));
  if (knowsPeer && plan.wrappers !== null) checks.push(wrappersCheck(surroundings));
  if (knowsPeer && plan.identified) checks.push(identCheck());
  const order = plan.order === 'xinetd' ? XINETD_ORDER : SUPERD_ORDER;
  return { checks: checks.sort((a, b) => order.indexOf(a.reason) - order.indexOf(b.reason)) };
}

const ADMITTED: Admission = { kind: 'admit', ruling: null };

/**
 * Asks the checks in order and stops at the first that does not pass. Changes nothing: the acceptor and `explain` share it.
 *
 * @example decide(compileGate(plan.gate, surroundings, true), factsOf('192.0.2.7', Date.now(), 'sshd'), new Tally()) // { kind: 'admit', … }
 */
export function decide(gate: Gate, facts: ConnectionFacts, tally: Tally): Verdict {
  let admission = ADMITTED;
  for (const check of gate.checks) {
    const answer = check.ask(facts, tally);
    if (answer === 'pass') continue;
    if (answer === 'refuse') return { kind: 'refuse', reason: check.reason, ruling: null };
    if ('need' in answer) return { kind: 'wait', reason: check.reason, need: answer.need, effects: answer.effects };
    if (answer.verdict === 'deny') return { kind: 'refuse', reason: check.reason, ruling: answer };
    admission = { kind: 'admit', ruling: answer };
  }
  return admission;
}

/** Counts a connection in every check it reached; called once, with the final verdict. */
export function count(gate: Gate, facts: ConnectionFacts, tally: Tally, verdict: Admission | Refusal): void {
  if (verdict.kind === 'admit' && verdict.uncounted === true) return;
  const last = verdict.kind === 'refuse' ? verdict.reason : verdict.shadowed?.reason;
  for (const check of gate.checks) {
    check.count?.(facts, tally);
    if (check.reason === last) return;
  }
}
