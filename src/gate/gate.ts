import { PrefixSet } from '../address/prefix-set.js';
import type { GatePlan } from '../config/plan.js';
import type { Check } from './check.js';
import type { CheckKind, GateSettings } from './check-kind.js';
import { banned } from './checks/banned.js';
import { cps } from './checks/cps.js';
import { ident } from './checks/ident.js';
import { instances } from './checks/instances.js';
import { load } from './checks/load.js';
import { perPrefix } from './checks/per-prefix.js';
import { perSource } from './checks/per-source.js';
import { processLimit } from './checks/process-limit.js';
import { rate } from './checks/rate.js';
import { sensor } from './checks/sensor.js';
import { source } from './checks/source.js';
import { times } from './checks/times.js';
import { wrappers } from './checks/wrappers.js';
import type { GateContext } from './context.js';
import type { ConnectionFacts } from './facts.js';
import type { Tally } from './tally.js';
import type { Admission, Refusal, Verdict } from './verdict.js';

/** The checks that one service makes on each connection, in order. */
export interface Gate {
  readonly checks: readonly Check[];
}

/** The orders of `gate_order`. superd refuses strangers before it counts anything, so that they cannot use up what others may have. */
const ORDERS: Readonly<Record<GatePlan['order'], readonly CheckKind[]>> = {
  superd: [banned, source, times, rate, perSource, perPrefix, instances, cps, load, processLimit, wrappers, ident],
  // xinetd counts every connection in its first checks, refused strangers included.
  xinetd: [cps, load, times, rate, instances, perSource, perPrefix, processLimit, banned, source, wrappers, ident],
};

/** A service with the flag SENSOR refuses every client, so it needs no other check. */
const SENSOR_ORDER: readonly CheckKind[] = [banned, sensor];

/** Every kind of check, by its reason. */
export const checkKinds: ReadonlyMap<string, CheckKind> = new Map([...ORDERS.superd, sensor].map((kind) => [kind.reason, kind]));

/**
 * Builds the gate of a service once, so that a connection costs a walk over closures.
 *
 * @param peer `none` where connections carry no address (unix sockets): the gate then skips the checks on addresses.
 */
export function compileGate(plan: GatePlan, context: GateContext, peer: GateSettings['peer']): Gate {
  const exempt = plan.exempt.length === 0 ? null : new PrefixSet(plan.exempt);
  const kinds = plan.sensor === null ? ORDERS[plan.order] : SENSOR_ORDER;
  return { checks: kinds.map((kind) => kind.build({ plan, context, exempt, peer })).filter((check) => check !== null) };
}

const ADMITTED: Admission = { kind: 'admit', ruling: null };

/**
 * Runs the checks in order and stops at the first that does not pass. Changes nothing: connections and `explain` share it.
 *
 * @example decide(compileGate(plan.gate, context, 'address'), factsOf('192.0.2.7', Date.now(), 'sshd'), new Tally()) // { kind: 'admit', … }
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

/** Counts a connection in every check it reached; call it once, with the final verdict. */
export function count(gate: Gate, facts: ConnectionFacts, tally: Tally, verdict: Admission | Refusal): void {
  if (verdict.kind === 'admit' && verdict.uncounted === true) return;
  const last = verdict.kind === 'refuse' ? verdict.reason : verdict.shadowed?.reason;
  for (const check of gate.checks) {
    check.count?.(facts, tally);
    if (check.reason === last) return;
  }
}
