import { describe, expect, test } from 'vitest';
import { compileTables } from '../access/index.js';
import { parseAddress } from '../address/address.js';
import type { GatePlan, SourceList } from '../config/plan.js';
import { Bans } from './bans.js';
import type { GateContext } from './context.js';
import { type ConnectionFacts, factsOf } from './facts.js';
import { compileGate, count, decide } from './gate.js';
import { Tally } from './tally.js';

const open: GatePlan = {
  order: 'superd',
  queue: null,
  session: null,
  enforce: 'on',
  sensor: null,
  banAfter: null,
  instances: Number.POSITIVE_INFINITY,
  perSource: Number.POSITIVE_INFINITY,
  cps: null,
  rate: null,
  perPrefix: [],
  exempt: [],
  maxLoad: null,
  accessTimes: null,
  onlyFrom: null,
  noAccess: null,
  wrappers: null,
  origins: {},
  requiresIdent: false,
};

const context: GateContext = {
  running: () => 0,
  processLimit: Number.POSITIVE_INFINITY,
  load: () => 1.5,
  minuteOfDay: (now) => Math.floor(now / 60_000) % 1440,
  tables: () => tablesOf('', ''),
  bans: new Bans(),
  hashKey: () => [1, 2],
  reportEvictions: () => {},
};

const tablesOf = (allow: string, deny: string) =>
  compileTables({ allow: { path: 'hosts.allow', content: allow }, deny: { path: 'hosts.deny', content: deny } });

/** @param name The client's host name, as a look-up found it. */
function from(address: string, { now = 0, name }: { now?: number; name?: string } = {}): ConnectionFacts {
  const facts = factsOf(address, now, 'sshd');
  if (name !== undefined) facts.asked.learn({ fact: 'client-name' }, name);
  return facts;
}

const network = (address: string, length: number): SourceList => ({
  prefixes: [{ base: parseAddress(address)!, length: 96 + length }],
  names: [],
});

/** The gate's verdicts on one connection after another, each admitted one staying: `admit`, a reason, or the missing fact. */
function verdicts(plan: Partial<GatePlan>, clients: readonly ConnectionFacts[], changes: Partial<GateContext> = {}): string[] {
  const gate = compileGate({ ...open, ...plan }, { ...context, ...changes }, 'address');
  const tally = new Tally();
  tally.setPrefixLimits(plan.perPrefix ?? []);
  return clients.map((facts) => {
    const verdict = decide(gate, facts, tally);
    if (verdict.kind === 'wait') return verdict.need.fact;
    count(gate, facts, tally, verdict);
    if (verdict.kind === 'admit') tally.admit(facts.source);
    return verdict.kind === 'admit' ? 'admit' : verdict.reason;
  });
}

const times = (n: number, facts: ConnectionFacts) => new Array<ConnectionFacts>(n).fill(facts);

describe('addresses', () => {
  const plan = { onlyFrom: network('192.168.10.0', 24), noAccess: network('192.168.10.66', 32) };
  test('in only_from are admitted', () => expect(verdicts(plan, [from('192.168.10.1')])).toEqual(['admit']));
  test('not in only_from are refused', () => expect(verdicts(plan, [from('192.0.2.1')])).toEqual(['address']));
  test('a source in both lists is refused', () => expect(verdicts(plan, [from('192.168.10.66')])).toEqual(['address']));
  test('an empty only_from refuses every client', () =>
    expect(verdicts({ onlyFrom: { prefixes: [], names: [] } }, [from('127.0.0.1')])).toEqual(['address']));

  const byName = { onlyFrom: { prefixes: [], names: ['.example.org', 'gate.example.net'] } };
  test('a rule with names needs the name', () => expect(verdicts(byName, [from('192.0.2.1')])).toEqual(['client-name']));
  test.each([
    ['a.example.org', 'admit'],
    ['example.org', 'address'],
    ['gate.example.net', 'admit'],
    ['A.Example.ORG', 'admit'],
    ['unknown', 'address'],
    ['paranoid', 'address'],
  ])('a client named %s: %s', (name, verdict) => expect(verdicts(byName, [from('192.0.2.1', { name })])).toEqual([verdict]));
});

test('instances: the one above the limit is refused', () => {
  expect(verdicts({ instances: 2 }, times(3, from('127.0.0.1')))).toEqual(['admit', 'admit', 'service_limit']);
  expect(verdicts({ instances: 0 }, [from('127.0.0.1')])).toEqual(['service_limit']);
});

test('per_source counts each address separately', () => {
  expect(verdicts({ perSource: 1 }, [from('127.0.0.1'), from('127.0.0.1'), from('127.0.0.2')])).toEqual([
    'admit',
    'per_source_limit',
    'admit',
  ]);
});

describe('cps', () => {
  test('max pass within a second, the next closes the service', () => {
    expect(verdicts({ cps: { max: 3, waitSeconds: 1, scope: 'service' } }, times(4, from('127.0.0.1')))).toEqual([
      'admit',
      'admit',
      'admit',
      'cps',
    ]);
  });
  test('later in the window the average counts', () => {
    const late = times(4, from('127.0.0.1', { now: 2000 }));
    expect(verdicts({ cps: { max: 3, waitSeconds: 1, scope: 'service' } }, [...times(3, from('127.0.0.1')), ...late])).toEqual(
      new Array(7).fill('admit'),
    );
  });
  test('after a window of max seconds counting restarts', () => {
    const clients = [...times(3, from('127.0.0.1')), ...times(3, from('127.0.0.1', { now: 3000 }))];
    expect(verdicts({ cps: { max: 3, waitSeconds: 1, scope: 'service' } }, clients)).toEqual(new Array(6).fill('admit'));
  });
  test('a clock set back does not keep the window open', () => {
    const clients = [...times(3, from('127.0.0.1', { now: 10_000 })), from('127.0.0.1', { now: 0 })];
    expect(verdicts({ cps: { max: 3, waitSeconds: 1, scope: 'service' } }, clients)).toEqual(new Array(4).fill('admit'));
  });
});

describe('order', () => {
  const strangers = times(3, from('192.0.2.1'));
  const limits = { cps: { max: 2, waitSeconds: 1, scope: 'service' as const }, onlyFrom: network('127.0.0.0', 8) };
  test('refused strangers use up no limit', () =>
    expect(verdicts(limits, [...strangers, from('127.0.0.1')])).toEqual(['address', 'address', 'address', 'admit']));
  test('in xinetd’s order they close the service', () =>
    expect(verdicts({ ...limits, order: 'xinetd' }, strangers)).toEqual(['address', 'address', 'cps']));
});

describe('access_times', () => {
  const at = (text: string) => from('127.0.0.1', { now: (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * 60_000 });
  test('both ends are in the range', () => {
    const plan = { accessTimes: [{ from: 8 * 60, to: 17 * 60 }] };
    expect(verdicts(plan, ['07:59', '08:00', '17:00', '17:01'].map(at))).toEqual(['time', 'admit', 'admit', 'time']);
  });
  test('a range may run over midnight', () => {
    const plan = { accessTimes: [{ from: 22 * 60, to: 2 * 60 }] };
    expect(verdicts(plan, ['21:59', '23:00', '02:00', '02:01'].map(at))).toEqual(['time', 'admit', 'admit', 'time']);
  });
});

describe('limits per source', () => {
  const at = (address: string, now: number) => from(address, { now });
  const rate = { perSecond: 2, burst: 3 };

  test('rate_per_source: a burst, then as many as the rate allows', () =>
    expect(verdicts({ rate }, [...times(4, at('127.0.0.1', 0)), at('127.0.0.1', 499), at('127.0.0.1', 500), at('127.0.0.1', 501)])).toEqual(
      [...times(3, from('::')).map(() => 'admit'), 'rate', 'rate', 'admit', 'rate'],
    ));
  test('and other sources notice nothing', () =>
    expect(verdicts({ rate }, [...times(4, at('127.0.0.1', 0)), at('127.0.0.2', 0)]).slice(3)).toEqual(['rate', 'admit']));
  test('a source that waited long enough has its whole burst again', () =>
    expect(verdicts({ rate }, [...times(50, at('127.0.0.1', 0)), ...times(4, at('127.0.0.1', 1500))]).slice(50)).toEqual([
      'admit',
      'admit',
      'admit',
      'rate',
    ]));
  test('a clock set back refuses no source', () =>
    expect(verdicts({ rate }, [...times(4, at('127.0.0.1', 3_600_000)), at('127.0.0.1', 0)]).slice(3)).toEqual(['rate', 'admit']));
  test('all of an IPv6 /64 is one source, and a /56 has four times as much', () => {
    const rotating = (n: number) => at(`2001:db8:0:1::${n.toString(16)}`, 0);
    expect(verdicts({ rate }, [1, 2, 3, 4].map(rotating))).toEqual(['admit', 'admit', 'admit', 'rate']);
    const hopping = Array.from({ length: 20 }, (_, n) => at(`2001:db8:0:${n.toString(16)}::1`, 0));
    expect(verdicts({ rate }, hopping).filter((verdict) => verdict === 'admit').length).toBe(12);
  });
  test('each link-local address is a separate source', () =>
    expect(verdicts({ rate: { perSecond: 1, burst: 1 } }, [from('fe80::1'), from('fe80::2'), from('fe80::1')])).toEqual([
      'admit',
      'admit',
      'rate',
    ]));
  test('exempt clients are neither counted nor limited', () => {
    const exempt = network('127.0.0.0', 24).prefixes;
    const plan = { rate, exempt, perSource: 1, perPrefix: [{ family: 4 as const, length: 8, most: 1 }] };
    expect(verdicts(plan, times(5, from('127.0.0.1')))).toEqual(new Array(5).fill('admit'));
  });
  test('cps of one source: only that source is refused, for the configured seconds', () => {
    const cps = { max: 2, waitSeconds: 10, scope: 'source' as const };
    const clients = [...times(3, at('127.0.0.1', 0)), at('127.0.0.2', 0), at('127.0.0.1', 9_999), at('127.0.0.1', 10_000)];
    expect(verdicts({ cps }, clients)).toEqual(['admit', 'admit', 'cps', 'admit', 'cps', 'admit']);
  });
  test('cps of one source: max connections in every second all pass', () => {
    const clients = [0, 10, 1000, 1500, 2001, 2900].map((now) => at('127.0.0.1', now));
    expect(verdicts({ cps: { max: 2, waitSeconds: 10, scope: 'source' } }, clients)).toEqual(new Array(6).fill('admit'));
  });
  test('per_source_prefix counts the addresses of a network together', () => {
    const perPrefix = [
      { family: 4, length: 24, most: 2 },
      { family: 6, length: 48, most: 1 },
    ] as const;
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.3.1', '2001:db8::1', '2001:db8:0:ffff::1', '2001:db8:1::1'];
    expect(
      verdicts(
        { perPrefix },
        addresses.map((one) => from(one)),
      ),
    ).toEqual(['admit', 'admit', 'prefix_limit', 'admit', 'admit', 'prefix_limit', 'admit']);
  });
});

test('a tally with new prefix limits counts the sessions that already run', () => {
  const tally = new Tally();
  tally.admit('192.0.2.1');
  tally.admit('fe80::1%eth0');
  tally.setPrefixLimits([{ family: 4, length: 24, most: 2 }]);
  tally.admit('192.0.2.9');
  const limit = tally.byPrefix!.limits[0]!;
  expect(tally.byPrefix?.of(parseAddress('192.0.2.77')!, limit)).toBe(2);
  tally.release('192.0.2.1');
  tally.release('192.0.2.9');
  expect(tally.byPrefix?.of(parseAddress('192.0.2.77')!, limit)).toBe(0);
});

test('load and process limit', () => {
  expect(verdicts({ maxLoad: 1.5 }, [from('127.0.0.1')])).toEqual(['load']);
  expect(verdicts({ maxLoad: 2 }, [from('127.0.0.1')])).toEqual(['admit']);
  expect(verdicts({}, [from('127.0.0.1')], { processLimit: 3, running: () => 3 })).toEqual(['process_limit']);
});

test('connections without an address pass the checks on addresses', () => {
  const gate = compileGate({ ...open, onlyFrom: network('127.0.0.0', 8), wrappers: 'sshd' }, context, 'none');
  expect(decide(gate, factsOf(null, 0, 'sshd'), new Tally()).kind).toBe('admit');
});

describe('the access rules', () => {
  const under = (allow: string, deny: string, facts: ConnectionFacts, plan: Partial<GatePlan> = {}) =>
    decide(
      compileGate({ ...open, wrappers: 'sshd', ...plan }, { ...context, tables: () => tablesOf(allow, deny) }, 'address'),
      facts,
      new Tally(),
    );

  test('admit a client that no rule matches', () =>
    expect(under('', 'ftpd: ALL\n', from('192.0.2.1'))).toEqual({ kind: 'admit', ruling: null }));
  test('admit a client that hosts.allow matches', () =>
    expect(under('sshd: 192.0.2.\n', 'ALL: ALL\n', from('192.0.2.1'))).toEqual({ kind: 'admit', ruling: null }));
  test('name the rule that refuses', () =>
    expect(under('', '# every client\nALL: ALL EXCEPT 192.0.2.9\n', from('192.0.2.1'))).toMatchObject({
      kind: 'refuse',
      reason: 'wrappers',
      ruling: { rule: { path: 'hosts.deny', line: 2 } },
    }));
  test('pass on the effects of an admitting rule', () =>
    expect(under('ALL: ALL: setenv WHO %a\n', '', from('192.0.2.1'))).toMatchObject({
      kind: 'admit',
      ruling: { effects: [{ kind: 'setenv', name: 'WHO', value: '192.0.2.1' }] },
    }));
  test('pass on a twist as an admission', () =>
    expect(under('', 'ALL: ALL: twist /bin/echo no\n', from('192.0.2.1'))).toMatchObject({
      kind: 'admit',
      ruling: { twist: '/bin/echo no' },
    }));
  test('need a name where a rule has one, and decide with it', () => {
    const facts = from('192.0.2.1');
    expect(under('', 'ALL: .example.org\n', facts)).toMatchObject({ kind: 'wait', reason: 'wrappers', need: { fact: 'client-name' } });
    facts.asked.learn({ fact: 'client-name' }, 'a.example.org');
    expect(under('', 'ALL: .example.org\n', facts)).toMatchObject({ kind: 'refuse' });
  });
  test.each(['superd', 'xinetd'] as const)('come last in the order of %s', (order) => {
    const limits = { order, instances: 0, noAccess: network('192.0.2.0', 24) };
    expect(under('', 'ALL: .example.org\n', from('192.0.2.1'), limits)).toMatchObject({ kind: 'refuse', ruling: null });
  });
  test('do not apply to a service with NOLIBWRAP', () =>
    expect(under('', 'ALL: ALL\n', from('192.0.2.1'), { wrappers: null }).kind).toBe('admit'));
  test('refuse every client when hosts.deny breaks off', () =>
    expect(under('', 'ftpd: ALL', from('192.0.2.1'))).toMatchObject({ kind: 'refuse', ruling: { reason: 'table-broken' } }));
  test('refuse when an aclexec fails, and only then', () => {
    const facts = from('192.0.2.1');
    const command = { fact: 'command', command: 'false', ordinal: 0 } as const;
    expect(under('ALL: ALL: aclexec false\n', 'ALL: ALL\n', facts)).toMatchObject({ kind: 'wait', need: command });
    facts.asked.learn(command, 1);
    expect(under('ALL: ALL: aclexec false\n', 'ALL: ALL\n', facts)).toMatchObject({ kind: 'refuse' });
    expect(under('ALL: ALL: severity info\n', '', from('192.0.2.1')).kind).toBe('admit');
  });
});
