import { RequestFacts as Asked, type Need } from '../access/index.js';
import { parseAddress } from '../address/address.js';
import { type Advice, advise } from '../gate/advise.js';
import type { GateContext } from '../gate/context.js';
import { type Explanation, explain } from '../gate/explain.js';
import type { ConnectionFacts } from '../gate/facts.js';
import type { LookUps } from './lookups/look-ups.js';
import type { Service } from './services/service.js';

interface ExplainContext {
  readonly gateContext: GateContext;
  readonly lookUps: LookUps;
}

/** What a running service would answer a client now, or at another time, check by check. Changes nothing. */
export function explainService(
  { gateContext, lookUps }: ExplainContext,
  service: Service,
  address: string,
  port: number,
  at: number,
): Explanation {
  const { plan, gate, tally } = service;
  const asked = new Asked({
    daemon: plan.gate.wrappers ?? plan.name,
    client: { address, port },
    server: { address: plan.endpoint.address ?? '' },
    pid: process.pid,
  });
  const facts: ConnectionFacts = { address: parseAddress(address), source: address, now: at, asked };
  const atHand = (need: Need) => lookUps.cached(need, asked.request);
  return explain({ plan: plan.gate, gate, facts, tally, context: gateContext, atHand });
}

/** Limits that would fit the sources that superd has recorded for a service; null when it has recorded none. */
export function adviseService({ tally }: Service, now: number): Advice | null {
  return tally.arrivals === null ? null : advise(tally.arrivals, now);
}
