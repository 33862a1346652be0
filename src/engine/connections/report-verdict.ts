import { type Decision, describeClient, type Effect } from '../../access/index.js';
import { placeOf } from '../../errors.js';
import type { Refusal } from '../../gate/verdict.js';
import type { Identification } from '../../ident/identify.js';
import type { Notice, PeerFacts } from '../../report/event.js';
import type { ReportContext } from '../context.js';
import type { LiveTables } from '../lookups/access-tables.js';
import type { Service } from '../services/service.js';
import type { Banning } from './banning.js';
import type { Client } from './client.js';

export interface VerdictContext extends ReportContext {
  readonly banning: Banning;
  readonly tables: LiveTables;
}

/** Reports a refusal, counts it towards a ban, and pauses the listener when the refusal exceeds `cps`. */
export function reportRefusal(context: VerdictContext, service: Service, peer: PeerFacts, { reason, ruling }: Refusal): void {
  service.refused++;
  const refused = { type: 'session-refused', at: context.now(), service: service.subject, peer, reason } as const;
  context.emit(ruling === null ? refused : { ...refused, ...detailsOf(ruling) });
  if (ruling !== null) reportRuleProblem(context, ruling);
  context.banning.refused(service, peer.address, reason);
  if (reason === 'cps' && service.plan.gate.cps?.scope === 'service') service.listener.handle('cps');
}

/** Reports a client that the gate would have refused (`enforce = shadow`). */
export function reportShadowed(context: VerdictContext, service: Service, peer: PeerFacts, { reason, ruling }: Refusal): void {
  const rule = ruling === null || ruling.rule === null ? {} : { rule: placeOf(ruling.rule) };
  context.emit({ type: 'session-shadowed', at: context.now(), service: service.subject, peer, reason, ...rule });
  context.banning.shadowed(service, peer.address, reason);
}

/** Reports every twist, and an admission when the rules give it a level. */
export function reportAdmission(context: VerdictContext, { service, facts }: Client, { twist, effects }: Decision): void {
  const severity = severityOf(effects);
  if (twist === null && severity === null) return;
  const client = describeClient(facts.asked);
  const message = `${service.plan.id}: ${twist === null ? `connect from ${client}` : `twist ${client} to ${twist}`}`;
  context.notice(severity ?? 'info', message);
}

/** One report for each version of the tables: clients come by the thousand. */
function reportRuleProblem({ tables }: VerdictContext, { problem, rule }: Decision): void {
  if (problem !== '' && rule !== null) tables.reportOnce('error', `${placeOf(rule)}: ${problem}`);
}

function detailsOf({ rule, effects }: Decision): { rule?: string; severity?: Notice['level'] } {
  const severity = severityOf(effects);
  return { ...(rule === null ? {} : { rule: placeOf(rule) }), ...(severity === null ? {} : { severity }) };
}

/** What became of a client whose user was looked up: admitted, refused for another reason, or refused because it has no user. */
export type ClientFate = { readonly session: number } | 'refused' | 'refused-without';

/** Reports the user of a client as its host names it: USERID of `log_on_success` and `log_on_failure`, and the flag IDONLY. */
export function reportUser(context: ReportContext, { subject }: Service, peer: PeerFacts, fate: ClientFate, found: Identification): void {
  const session = typeof fate === 'string' ? null : fate.session;
  const fact = { at: context.now(), service: subject, peer, session };
  if (found.kind === 'identified') context.emit({ type: 'session-identified', ...fact, user: found.user, text: found.text });
  else context.emit({ type: 'session-unidentified', ...fact, problem: found.reason, required: fate === 'refused-without' });
}

const LEVELS: Readonly<Record<string, Notice['level']>> = { emerg: 'critical', alert: 'critical', crit: 'critical', err: 'error' };

/** The level that the rules ask for. The facility is always that of the program log. */
function severityOf(effects: readonly Effect[]): Notice['level'] | null {
  const last = effects.findLast((effect) => effect.kind === 'severity');
  return last === undefined ? null : (LEVELS[last.level] ?? (last.level as Notice['level']));
}
