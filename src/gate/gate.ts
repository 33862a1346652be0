import type { GatePlan } from '../config/plan.js';
import type { RefusalReason } from '../report/event.js';
import type { Check } from './check.js';
import { cpsCheck } from './checks/cps.js';
import { instancesCheck } from './checks/instances.js';
import { loadCheck } from './checks/load.js';
import { perSourceCheck } from './checks/per-source.js';
import { processLimitCheck } from './checks/process-limit.js';
import { sourceCheck } from './checks/source.js';
import { timesCheck } from './checks/times.js';
import type { Facts, Surroundings, Tally } from './facts.js';

/** The questions that one service asks of each connection, in order. */
export interface Gate {
  readonly checks: readonly Check[];
}

/** Strangers are turned away before anything is counted, so that they cannot use up what others may have. */
const SUPERD_ORDER: readonly RefusalReason[] = ['address', 'time', 'per_source_limit', 'service_limit', 'cps', 'load', 'process_limit'];

/** What xinetd asks first it counts for everybody, refused strangers included. */
const XINETD_ORDER: readonly RefusalReason[] = ['cps', 'load', 'time', 'service_limit', 'per_source_limit', 'process_limit', 'address'];

/**
 * Builds the gate of a service once, so that a connection costs a walk over closures.
 *
 * @param knowsPeer false where connections carry no address (unix sockets): nothing is asked about it then.
 */
export function compileGate(plan: GatePlan, surroundings: Surroundings, knowsPeer: boolean): Gate {
  const checks: Check[] = [];
  if (knowsPeer && (plan.onlyFrom !== null || plan.noAccess !== null)) checks.push(sourceCheck(plan.onlyFrom, plan.noAccess));
  if (plan.accessTimes !== null) checks.push(timesCheck(plan.accessTimes, surroundings));
  if (plan.perSource !== Number.POSITIVE_INFINITY) checks.push(perSourceCheck(plan.perSource));
  if (plan.instances !== Number.POSITIVE_INFINITY) checks.push(instancesCheck(plan.instances));
  if (plan.cps !== null) checks.push(cpsCheck(plan.cps.max));
  if (plan.maxLoad !== null) checks.push(loadCheck(plan.maxLoad, surroundings));
  if (surroundings.processLimit !== Number.POSITIVE_INFINITY) checks.push(processLimitCheck(surroundings));
  const order = plan.order === 'xinetd' ? XINETD_ORDER : SUPERD_ORDER;
  return { checks: checks.sort((a, b) => order.indexOf(a.reason) - order.indexOf(b.reason)) };
}

/** `refuse` carries the check's reason; `name` asks for the client's host name and for another try with it. */
export type Verdict = 'admit' | 'name' | RefusalReason;

/**
 * Asks the checks in order and stops at the first that does not pass. Changes nothing: the acceptor and `explain` share it.
 *
 * @example decide(compileGate(plan.gate, surroundings, true), facts, new Tally()) // 'admit'
 */
export function decide(gate: Gate, facts: Facts, tally: Tally): Verdict {
  for (const check of gate.checks) {
    const answer = check.ask(facts, tally);
    if (answer === 'refuse') return check.reason;
    if (answer === 'name') return 'name';
  }
  return 'admit';
}

/** Counts a connection in every check it reached; called once, with the final verdict. */
export function count(gate: Gate, facts: Facts, tally: Tally, verdict: Verdict): void {
  for (const check of gate.checks) {
    check.count?.(facts, tally);
    if (check.reason === verdict) return;
  }
}
