import { describe, expect, test } from 'vitest';
import { parseAddress } from '../address/address.js';
import type { GatePlan, SourceList } from '../config/plan.js';
import { type Facts, type Surroundings, Tally } from './facts.js';
import { compileGate, count, decide, type Verdict } from './gate.js';

const open: GatePlan = {
  order: 'superd',
  instances: Number.POSITIVE_INFINITY,
  perSource: Number.POSITIVE_INFINITY,
  cps: null,
  maxLoad: null,
  accessTimes: null,
  onlyFrom: null,
  noAccess: null,
  wrappers: null,
};

const surroundings: Surroundings = {
  running: () => 0,
  processLimit: Number.POSITIVE_INFINITY,
  load: () => 1.5,
  minuteOfDay: (now) => Math.floor(now / 60_000) % 1440,
};

const from = (address: string, rest: Partial<Facts> = {}): Facts => ({
  address: parseAddress(address),
  source: address,
  now: 0,
  name: undefined,
  ...rest,
});

const network = (address: string, length: number): SourceList => ({
  prefixes: [{ base: parseAddress(address)!, length: 96 + length }],
  names: [],
});

/** What a gate says to one connection after another, each admitted one staying. */
function verdicts(plan: Partial<GatePlan>, callers: readonly Facts[], around: Partial<Surroundings> = {}): Verdict[] {
  const gate = compileGate({ ...open, ...plan }, { ...surroundings, ...around }, true);
  const tally = new Tally();
  return callers.map((facts) => {
    const verdict = decide(gate, facts, tally);
    count(gate, facts, tally, verdict);
    if (verdict === 'admit') tally.admit(facts.source);
    return verdict;
  });
}

const times = (n: number, facts: Facts) => new Array<Facts>(n).fill(facts);

describe('addresses', () => {
  const plan = { onlyFrom: network('192.168.10.0', 24), noAccess: network('192.168.10.66', 32) };
  test('let in whom only_from lists', () => expect(verdicts(plan, [from('192.168.10.1')])).toEqual(['admit']));
  test('keep out everybody else', () => expect(verdicts(plan, [from('192.0.2.1')])).toEqual(['address']));
  test('a source in both lists is refused', () => expect(verdicts(plan, [from('192.168.10.66')])).toEqual(['address']));
  test('an empty only_from lets nobody in', () =>
    expect(verdicts({ onlyFrom: { prefixes: [], names: [] } }, [from('127.0.0.1')])).toEqual(['address']));

  const byName = { onlyFrom: { prefixes: [], names: ['.example.org', 'gate.example.net'] } };
  test('a rule with names hangs on the name', () => expect(verdicts(byName, [from('192.0.2.1')])).toEqual(['name']));
  test.each([
    ['a.example.org', 'admit'],
    ['example.org', 'address'],
    ['gate.example.net', 'admit'],
    [null, 'address'],
  ])('a client called %s: %s', (name, verdict) => expect(verdicts(byName, [from('192.0.2.1', { name })])).toEqual([verdict]));
});

test('instances: so many run, the next is refused', () => {
  expect(verdicts({ instances: 2 }, times(3, from('127.0.0.1')))).toEqual(['admit', 'admit', 'service_limit']);
  expect(verdicts({ instances: 0 }, [from('127.0.0.1')])).toEqual(['service_limit']);
});

test('per_source counts each address for itself', () => {
  expect(verdicts({ perSource: 1 }, [from('127.0.0.1'), from('127.0.0.1'), from('127.0.0.2')])).toEqual([
    'admit',
    'per_source_limit',
    'admit',
  ]);
});

describe('cps', () => {
  test('max pass within a second, the next closes the door', () => {
    expect(verdicts({ cps: { max: 3, waitSeconds: 1 } }, times(4, from('127.0.0.1')))).toEqual(['admit', 'admit', 'admit', 'cps']);
  });
  test('later in the window the average counts', () => {
    const late = times(4, from('127.0.0.1', { now: 2000 }));
    expect(verdicts({ cps: { max: 3, waitSeconds: 1 } }, [...times(3, from('127.0.0.1')), ...late])).toEqual(new Array(7).fill('admit'));
  });
  test('a window of max seconds over, counting starts anew', () => {
    const calls = [...times(3, from('127.0.0.1')), ...times(3, from('127.0.0.1', { now: 3000 }))];
    expect(verdicts({ cps: { max: 3, waitSeconds: 1 } }, calls)).toEqual(new Array(6).fill('admit'));
  });
  test('a clock set back does not keep the window open for ever', () => {
    const calls = [...times(3, from('127.0.0.1', { now: 10_000 })), from('127.0.0.1', { now: 0 })];
    expect(verdicts({ cps: { max: 3, waitSeconds: 1 } }, calls)).toEqual(new Array(4).fill('admit'));
  });
});

describe('order', () => {
  const strangers = times(3, from('192.0.2.1'));
  const limits = { cps: { max: 2, waitSeconds: 1 }, onlyFrom: network('127.0.0.0', 8) };
  test('refused strangers use up nothing', () =>
    expect(verdicts(limits, [...strangers, from('127.0.0.1')])).toEqual(['address', 'address', 'address', 'admit']));
  test('in xinetd’s order they close the service', () =>
    expect(verdicts({ ...limits, order: 'xinetd' }, strangers)).toEqual(['address', 'address', 'cps']));
});

describe('access_times', () => {
  const at = (text: string) => from('127.0.0.1', { now: (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * 60_000 });
  test('both ends belong to the range', () => {
    const plan = { accessTimes: [{ from: 8 * 60, to: 17 * 60 }] };
    expect(verdicts(plan, ['07:59', '08:00', '17:00', '17:01'].map(at))).toEqual(['time', 'admit', 'admit', 'time']);
  });
  test('a range may run over midnight', () => {
    const plan = { accessTimes: [{ from: 22 * 60, to: 2 * 60 }] };
    expect(verdicts(plan, ['21:59', '23:00', '02:00', '02:01'].map(at))).toEqual(['time', 'admit', 'admit', 'time']);
  });
});

test('load and process limit', () => {
  expect(verdicts({ maxLoad: 1.5 }, [from('127.0.0.1')])).toEqual(['load']);
  expect(verdicts({ maxLoad: 2 }, [from('127.0.0.1')])).toEqual(['admit']);
  expect(verdicts({}, [from('127.0.0.1')], { processLimit: 3, running: () => 3 })).toEqual(['process_limit']);
});

test('where connections carry no address nothing is asked about it', () => {
  const gate = compileGate({ ...open, onlyFrom: network('127.0.0.0', 8) }, surroundings, false);
  expect(decide(gate, { address: null, source: '', now: 0, name: undefined }, new Tally())).toBe('admit');
});
