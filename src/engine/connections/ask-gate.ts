import { Arrivals } from '../../gate/arrivals.js';
import type { GateContext } from '../../gate/context.js';
import type { ConnectionFacts } from '../../gate/facts.js';
import { decide } from '../../gate/gate.js';
import { Shadow } from '../../gate/shadow.js';
import type { Admission, Postponement, Refusal } from '../../gate/verdict.js';
import type { PeerFacts } from '../../report/event.js';
import type { LookUps } from '../lookups/look-ups.js';
import type { Service } from '../services/service.js';
import { connectionEnvironment } from '../sessions/connection-environment.js';
import { reportShadowed, type VerdictContext } from './report-verdict.js';

/** Connections that may wait for look-ups at once. superd refuses the next, so that a slow DNS costs no more descriptors. */
const MAX_WAITING = 512;

export interface AskGateContext extends VerdictContext {
  readonly lookUps: LookUps;
  readonly gateContext: GateContext;
}

/** Asks the gate, and looks up what the gate needs to know. */
export class GateAsker {
  private waiting = 0;

  constructor(private readonly context: AskGateContext) {}

  /**
   * Asks until the gate decides. Returns a promise only when a fact has to be looked up; afterwards the whole gate decides again, since other clients
   * may have come in meanwhile. Counts nothing.
   */
  ask(service: Service, facts: ConnectionFacts, peer: PeerFacts): Admission | Refusal | Promise<Admission | Refusal> {
    return service.plan.gate.enforce === 'shadow' ? this.askShadow(service, facts, peer) : this.decide(service, facts, peer);
  }

  /** With `enforce = shadow`: reports clients that the gate would refuse, and admits them. */
  private askShadow(service: Service, facts: ConnectionFacts, peer: PeerFacts): Admission | Refusal | Promise<Admission | Refusal> {
    const { tally } = service;
    tally.shadow ??= new Shadow();
    const verdict = tally.shadow.closed(tally.cps, facts.now) ?? this.decide(service, facts, peer);
    return verdict instanceof Promise
      ? verdict.then((late) => this.lift(service, facts, peer, late))
      : this.lift(service, facts, peer, verdict);
  }

  private lift(service: Service, facts: ConnectionFacts, peer: PeerFacts, verdict: Admission | Refusal): Admission | Refusal {
    this.record(service, facts, verdict);
    if (verdict.kind === 'admit' || verdict.reason === 'internal' || service.tally.shadow === null) return verdict;
    reportShadowed(this.context, service, peer, verdict);
    return service.tally.shadow.admitAnyway(service.plan.gate, facts, verdict);
  }

  private record({ plan, tally }: Service, facts: ConnectionFacts, verdict: Admission | Refusal): void {
    tally.arrivals ??= new Arrivals(this.context.gateContext.hashKey());
    const running = tally.runningBySource.get(facts.source) ?? 0;
    tally.arrivals.add(plan.gate, facts, running, verdict.kind === 'admit' ? null : verdict.reason);
  }

  private decide(service: Service, facts: ConnectionFacts, peer: PeerFacts): Admission | Refusal | Promise<Admission | Refusal> {
    for (;;) {
      const verdict = decide(service.gate, facts, service.tally);
      if (verdict.kind !== 'wait') return verdict;
      const answer = this.context.lookUps.cached(verdict.need, facts.asked.request);
      if (answer === undefined) return this.lookUp(verdict, service, facts, peer);
      facts.asked.learn(verdict.need, answer);
    }
  }

  /** Never rejects. */
  private async lookUp(wanted: Postponement, service: Service, facts: ConnectionFacts, peer: PeerFacts): Promise<Admission | Refusal> {
    const refusal: Refusal = { kind: 'refuse', reason: wanted.reason, ruling: null };
    if (this.waiting >= MAX_WAITING) return refusal;
    this.waiting++;
    try {
      const asker = { owner: service, program: service.plan.program, environment: connectionEnvironment(peer) };
      const answer = await this.context.lookUps.fetch(wanted, facts.asked.request, asker);
      if (answer === undefined || service.state === 'stopped') return refusal;
      facts.asked.learn(wanted.need, answer);
      return await this.decide(service, { ...facts, now: this.context.now() }, peer);
    } catch (error) {
      this.context.onError(error);
      return { ...refusal, reason: 'internal' };
    } finally {
      this.waiting--;
    }
  }
}
