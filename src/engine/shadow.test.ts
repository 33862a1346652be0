import { expect, test } from 'vitest';
import { compileTables } from '../access/index.js';
import type { GatePlan } from '../config/plan.js';
import { Bans } from '../gate/bans.js';
import type { GateContext } from '../gate/context.js';
import { factsOf } from '../gate/facts.js';
import { compileGate, count, decide } from '../gate/gate.js';
import { Shadow } from '../gate/shadow.js';
import { Tally } from '../gate/tally.js';
import type { Admission, Refusal } from '../gate/verdict.js';
import type { Event } from '../report/event.js';
import { Banning } from './connections/banning.js';
import type { Service } from './services/service.js';

/** One recorded connection: when it came, who it was, how long the session would last. */
interface Call {
  readonly at: number;
  readonly from: string;
  readonly lasts: number;
}

const plan: GatePlan = {
  order: 'superd',
  queue: null,
  session: null,
  enforce: 'on',
  sensor: null,
  banAfter: { refusals: 12, seconds: 20, banSeconds: 90 },
  instances: 20,
  perSource: 3,
  cps: { max: 12, waitSeconds: 3, scope: 'service' },
  rate: { perSecond: 4, burst: 8 },
  perPrefix: [{ family: 4, length: 28, most: 8 }],
  exempt: [],
  maxLoad: null,
  accessTimes: null,
  onlyFrom: null,
  noAccess: { prefixes: [{ base: { w0: 0, w1: 0, w2: 0xffff, w3: 0xc0000207 }, length: 128 }], names: [] },
  wrappers: 'echo',
  requiresIdent: false,
  origins: {},
};

const around = (): GateContext => ({
  running: () => 0,
  processLimit: Number.POSITIVE_INFINITY,
  load: () => 0,
  minuteOfDay: () => 0,
  tables: () => tables,
  bans: new Bans(),
  hashKey: () => [1, 2],
  reportEvictions: () => {},
});
const tables = compileTables({
  allow: { path: 'allow', content: '' },
  deny: { path: 'deny', content: 'echo: 192.0.2.9\n' },
});

/** Bursts and lulls of 40 sources, by a fixed generator. */
function recorded(calls: number): Call[] {
  let state = 7;
  const roll = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
  let at = 1_000_000;
  return Array.from({ length: calls }, () => {
    at += roll(20) === 0 ? roll(4000) : roll(90);
    return { at, from: `192.0.2.${roll(5) === 0 ? 1 : roll(40)}`, lasts: roll(2500) };
  });
}

/** Plays the connections. @returns For each `admit` or the reason of its refusal; and the bans, real or shadow. */
function play(calls: readonly Call[], enforce: 'on' | 'shadow') {
  const surroundings = around();
  const gate = compileGate({ ...plan, enforce }, surroundings, 'address');
  const tally = new Tally();
  let now = 0;
  const events: Event[] = [];
  const banning = new Banning({ gateContext: surroundings, emit: (event) => events.push(event), now: () => now });
  const service = {
    plan: { gate: plan, endpoint: { type: 'stream' } },
    tally,
    subject: { id: 'echo', name: 'echo' },
  } as unknown as Service;
  tally.setPrefixLimits(plan.perPrefix);
  const shadow = new Shadow();
  let closedUntil = 0;
  let open: { until: number; from: string }[] = [];
  const outcomes = calls.map(({ at, from, lasts }) => {
    now = at;
    for (const one of open.filter(({ until }) => until <= at)) tally.release(one.from);
    open = open.filter(({ until }) => until > at);
    const facts = factsOf(from, at, 'echo');
    if (enforce === 'shadow') {
      const asked = shadow.closed(tally.cps, at) ?? (decide(gate, facts, tally) as Admission | Refusal);
      const verdict = asked.kind === 'admit' ? asked : shadow.admitAnyway(plan, facts, asked);
      count(gate, facts, tally, verdict);
      expect(verdict.kind).toBe('admit');
      if (verdict.shadowed !== undefined) {
        banning.shadowed(service, from, verdict.shadowed.reason);
        return verdict.shadowed.reason;
      }
    } else {
      // As the engine closes a service, and begins to count anew when it opens it again.
      if (at < closedUntil) return 'cps';
      if (closedUntil !== 0) tally.cps.count = 0;
      closedUntil = 0;
      const verdict = decide(gate, facts, tally) as Admission | Refusal;
      count(gate, facts, tally, verdict);
      if (verdict.kind === 'refuse') {
        banning.refused(service, from, verdict.reason);
        if (verdict.reason === 'cps') closedUntil = at + 3000;
        return verdict.reason;
      }
    }
    tally.admit(from);
    open.push({ until: at + lasts, from });
    return 'admit';
  });
  const banned = events.flatMap((event) =>
    event.type === 'source-banned' ? [{ source: event.source, at: event.at, until: event.until }] : [],
  );
  return { outcomes, banned, bans: surroundings.bans.size };
}

test('shadow refusals are those of enforcement, on a recorded stream of 10,000 connections', () => {
  const calls = recorded(10_000);
  const enforced = play(calls, 'on');
  const { bans, ...shadow } = play(calls, 'shadow');
  expect(shadow).toEqual({ outcomes: enforced.outcomes, banned: enforced.banned });
  // Shadow mode bans no source.
  expect(bans).toBe(0);
  expect(enforced.bans).toBeGreaterThan(0);
  expect([...new Set(enforced.outcomes)].sort()).toEqual(
    ['address', 'admit', 'banned', 'cps', 'per_source_limit', 'prefix_limit', 'rate', 'service_limit', 'wrappers'].sort(),
  );
});
