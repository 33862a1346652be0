import { readFileSync } from 'node:fs';
import { describeEndpoint, type HostPort } from '../address/endpoint.js';
import type { Plan, ServicePlan } from '../config/plan.js';
import { ConfigError, placeOf } from '../errors.js';
import { Bans } from '../gate/bans.js';
import type { GateContext } from '../gate/context.js';
import { explain } from '../gate/explain.js';
import { factsOf } from '../gate/facts.js';
import { compileGate } from '../gate/gate.js';
import { Tally } from '../gate/tally.js';
import { machineFact } from './access/machine-facts.js';
import { readTables, ruleProblems } from './access/table-files.js';
import { loadConfiguration } from './load-configuration.js';
import type { ServiceExplanation } from './render/explanation.js';

export interface ExplainQuestion {
  readonly config: string;
  readonly service: string;
  readonly from: HostPort;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Explains what a configuration alone decides for a client, with every counter at 0.
 *
 * @throws ConfigError `usage` when there is no such service, `config-unreadable`.
 */
export async function explainConfig({ config, service, from, at }: ExplainQuestion): Promise<readonly ServiceExplanation[]> {
  const { plan, diagnostics } = await loadConfiguration(config);
  const byId = plan.services.filter(({ id }) => id === service);
  const named = byId.length > 0 ? byId : plan.services.filter(({ name }) => name === service);
  if (named.length === 0) {
    const first = diagnostics.find(({ severity }) => severity === 'error');
    const because = first === undefined ? '' : `; the configuration has errors, the first: ${placeOf(first)}: ${first.message}`;
    throw new ConfigError('usage', `${config} runs no service ${service}${because}`);
  }
  return named.map((one) => explainPlan(one, plan, from, at));
}

function explainPlan(service: ServicePlan, plan: Plan, from: HostPort, at: number): ServiceExplanation {
  const { gate: gatePlan, endpoint } = service;
  const context = emptyContext(plan);
  const gate = compileGate(gatePlan, context, endpoint.family === 'unix' ? 'none' : 'address');
  const facts = factsOf(from.address, at, gatePlan.wrappers ?? service.name, from.port, endpoint.address ?? '');
  const atHand = (need: Parameters<typeof machineFact>[0]) =>
    machineFact(need, { kind: 'needs', need, rule: { path: '', line: 0, firstLine: 0 }, effects: [] }, 'leave');
  const explanation = explain({ plan: gatePlan, gate, facts, tally: new Tally(), context, atHand });
  const problems = gatePlan.wrappers === null ? [] : ruleProblems(context.tables()).map((one) => `${placeOf(one)}: ${one.message}`);
  return { service: service.id, endpoint: describeEndpoint(endpoint), from: from.address, ...explanation, problems };
}

function emptyContext(plan: Plan): GateContext {
  let tables: ReturnType<typeof readTables> | null = null;
  return {
    running: () => 0,
    processLimit: Number.POSITIVE_INFINITY,
    load: () => Number.parseFloat(readFileSync('/proc/loadavg', 'latin1')),
    minuteOfDay: (now) => new Date(now).getHours() * 60 + new Date(now).getMinutes(),
    tables: () => (tables ??= readTables(plan.tables)),
    bans: new Bans(),
    hashKey: () => [0, 0],
    reportEvictions: () => {},
  };
}
