import { RequestFacts as Asked } from '../access/index.js';
import { parseAddress } from '../address/address.js';
import { type Explanation, explain } from '../gate/explain.js';
import type { ConnectionFacts } from '../gate/facts.js';
import type { Runtime } from './context.js';
import type { Service } from './services/service.js';

/** What a running service would say to a client now, or at another time; nothing is changed. */
export function explainService(runtime: Runtime, service: Service, address: string, port: number, at: number): Explanation {
  const { plan, gate, tally } = service;
  const asked = new Asked({
    daemon: plan.gate.wrappers ?? plan.name,
    client: { address, port },
    server: { address: plan.endpoint.address ?? '' },
    pid: process.pid,
  });
  const facts: ConnectionFacts = { address: parseAddress(address), source: address, now: at, asked };
  const { surroundings, lookUps } = runtime;
  return explain({ plan: plan.gate, gate, facts, tally, surroundings, atHand: (need) => lookUps.atHand(need, asked.request) });
}
