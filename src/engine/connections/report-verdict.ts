import { type Decision, describeClient, type Effect } from '../../access/index.js';
import { placeOf } from '../../errors.js';
import type { Refusal } from '../../gate/verdict.js';
import type { Notice, PeerFacts } from '../../report/event.js';
import type { Runtime } from '../context.js';
import type { Service } from '../services/service.js';
import type { Client } from './rule-effects.js';

/** Tells everybody, and closes the door when it is the rate that was exceeded. */
export function refuse(runtime: Runtime, service: Service, peer: PeerFacts, { reason, ruling }: Refusal): void {
  service.refused++;
  const refused = { type: 'session-refused', at: runtime.now(), service: service.subject, peer, reason } as const;
  runtime.emit(ruling === null ? refused : { ...refused, ...detailsOf(ruling) });
  if (ruling !== null) tellProblem(runtime, ruling);
  runtime.banning.refused(service, peer.address, reason);
  const { cps } = service.plan.gate;
  if (reason === 'cps' && cps?.scope === 'service') service.listener.pause(cps.waitSeconds);
}

/** Tells who would have been refused. */
export function shadow(runtime: Runtime, service: Service, peer: PeerFacts, { reason, ruling }: Refusal): void {
  const rule = ruling === null || ruling.rule === null ? {} : { rule: placeOf(ruling.rule) };
  runtime.emit({ type: 'session-shadowed', at: runtime.now(), service: service.subject, peer, reason, ...rule });
  runtime.banning.shadowed(service, peer.address, reason);
}

/** A twist is always told of, an admission only when the rules give it a level. */
export function tellOfAdmission(runtime: Runtime, { service, facts }: Client, { twist, effects }: Decision): void {
  const severity = severityOf(effects);
  if (twist === null && severity === null) return;
  const client = describeClient(facts.asked);
  const message = `${service.plan.id}: ${twist === null ? `connect from ${client}` : `twist ${client} to ${twist}`}`;
  runtime.notice(severity ?? 'info', message);
}

/** What is wrong with a rule is told once for each state of the tables: clients come by the thousand. */
function tellProblem({ tables }: Runtime, { problem, rule }: Decision): void {
  if (problem !== '' && rule !== null) tables.tellOnce('error', `${placeOf(rule)}: ${problem}`);
}

function detailsOf({ rule, effects }: Decision): { rule?: string; severity?: Notice['level'] } {
  const severity = severityOf(effects);
  return { ...(rule === null ? {} : { rule: placeOf(rule) }), ...(severity === null ? {} : { severity }) };
}

const LEVELS: Readonly<Record<string, Notice['level']>> = { emerg: 'critical', alert: 'critical', crit: 'critical', err: 'error' };

/** The level that the rules ask for; the facility is always that of the program log. */
function severityOf(effects: readonly Effect[]): Notice['level'] | null {
  const last = effects.findLast((effect) => effect.kind === 'severity');
  return last === undefined ? null : (LEVELS[last.level] ?? (last.level as Notice['level']));
}
