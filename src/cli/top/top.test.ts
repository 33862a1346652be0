import { describe, expect, test } from 'vitest';
import type { SessionFacts, UnitFacts } from '../../control/shared-schemas.js';
import type { Top } from '../../control/verbs/top.js';
import { quantile, remember } from './figures.js';
import { keysOf } from './keys.js';
import { type Data, picture, type Size } from './picture.js';
import { INITIAL, press, type TopState } from './state.js';

const NONE = { bounds: [0.001, 0.01], counts: [0, 0, 0], sum: 0 };

function unit(id: string, more: Partial<UnitFacts> = {}): UnitFacts {
  const endpoint = `tcp 127.0.0.1:7000`;
  const facts = {
    id,
    name: id,
    activation: 'request',
    state: 'listening',
    up: true,
    stoppedByOperator: false,
    problem: '',
    since: 0,
    endpoint,
  } as const;
  return { ...facts, origin: '', pids: [], sessions: 0, started: 0, refused: 0, failed: 0, restarts: 0, output: null, ...more };
}

function top(now: number, units: readonly UnitFacts[], more: Partial<Top> = {}): Top {
  const services = units.map((one) => ({ unit: one, refusals: {}, cpuMs: 0, residentBytes: null }));
  const superd = { pid: 7, cpuMs: 0, residentBytes: 1024 ** 2, heapBytes: 0 };
  return {
    now,
    version: '1.0',
    startedAt: 0,
    superd,
    accepted: 0,
    refusals: {},
    spawns: NONE,
    loopDelay: NONE,
    bans: 0,
    services,
    ...more,
  };
}

function session(id: number, service: string): SessionFacts {
  const facts = { id, service, activation: 'request', address: '192.0.2.7', port: id, since: 0, state: 'running', pid: id } as const;
  return { ...facts, received: 1, sent: 2, rttMicroseconds: null, idleMs: null, cpuMs: null, residentBytes: null };
}

const SIZE: Size = { width: 80, height: 24, color: false };

function shows(units: readonly UnitFacts[], keys = '', size = SIZE): { lines: readonly string[]; state: TopState } {
  const data: Data = { history: [top(0, units)], sessions: { now: 0, sessions: [session(3, 'a'), session(4, 'b')] }, trouble: '' };
  let state = INITIAL;
  for (const key of keysOf(keys)) ({ state } = press(state, key, picture(state, data, size).shown));
  return { lines: picture(state, data, size).lines, state };
}

const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/\x1b\[[0-9;]*m/g, ''));
const names = (lines: readonly string[]) => plain(lines).flatMap((line) => /^(\w+) +(?:listening|stopped|failed)/.exec(line)?.[1] ?? []);

describe('picture', () => {
  test.each([
    [80, 24],
    [40, 10],
    [132, 50],
    [12, 3],
    [1, 1],
  ])('%i columns and %i lines hold it exactly, however much there is', (width, height) => {
    const units = Array.from({ length: 300 }, (_, i) => unit(`service-with-a-long-name-${i}`));
    for (const keys of ['', '?', '\t', 'x', '/some']) {
      const { lines } = shows(units, keys, { width, height, color: true });
      expect(lines).toHaveLength(height);
      for (const line of plain(lines)) expect([...line].length).toBeLessThanOrEqual(width);
    }
  });

  test('rates are those since the snapshots before', () => {
    const before = top(1000, [unit('a')], { accepted: 5 });
    const now = top(3000, [unit('a', { started: 8, refused: 2 })], {
      accepted: 15,
      refusals: { rate: 2 },
      superd: { ...before.superd, cpuMs: 500 },
    });
    const { lines } = picture(INITIAL, { history: remember([before], now), sessions: null, trouble: '' }, SIZE);
    expect(lines[1]).toContain('cpu 25.0%');
    expect(lines[2]).toBe('a second: accepted 5.0   started 4.0   refused 1.0');
    expect(lines[3]).toBe('refused: rate 2 (1.0/s)');
    expect(plain(lines)[6]).toMatch(/^a +listening +0 +4\.0 +1\.0 +2/);
  });

  test('another superd begins anew', () => {
    const history = remember([top(1000, [])], top(2000, [], { startedAt: 1500 }));
    expect(history).toHaveLength(1);
  });

  test('what a terminal would obey is not written to it', () => {
    const { lines } = shows([unit('a\x1b]0;x\x07\u202e', { state: 'failed', problem: 'b\x1b[2J\r\n' })]);
    for (const line of plain(lines)) expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(lines.join('\n')).toContain('a?]0;x??');
  });

  test('trouble is told, and what was seen stays', () => {
    const { lines } = picture(INITIAL, { history: [top(0, [unit('a')])], sessions: null, trouble: 'no superd answers' }, SIZE);
    expect(lines.at(-2)).toBe('no superd answers');
    expect(names(lines)).toEqual(['a']);
  });
});

describe('keys', () => {
  const units = [unit('b', { sessions: 1 }), unit('a', { sessions: 3 }), unit('c', { sessions: 2, state: 'stopped' })];

  test('s goes from column to column, r the other way round', () => {
    expect(names(shows(units).lines)).toEqual(['a', 'c', 'b']);
    expect(names(shows(units, 'r').lines)).toEqual(['b', 'c', 'a']);
    expect(names(shows(units, 'sssssss').lines)).toEqual(['a', 'b', 'c']);
    expect(shows(units, 's').state.sort.services).toBe('START/S');
  });

  test('a filter is typed, mended, kept and given up', () => {
    expect(names(shows(units, '/stop').lines)).toEqual(['c']);
    expect(names(shows(units, '/stopx\x7f\r').lines)).toEqual(['c']);
    expect(shows(units, '/stop\r').state.typing).toBe(false);
    expect(names(shows(units, '/stop\r\x1b').lines)).toHaveLength(3);
    expect(names(shows(units, '/q').lines)).toEqual([]);
  });

  const asked = (keys: string, answer: string) => {
    const data: Data = { history: [top(0, units)], sessions: { now: 0, sessions: [session(3, 'a'), session(4, 'b')] }, trouble: '' };
    let state = INITIAL;
    for (const key of keysOf(keys)) ({ state } = press(state, key, picture(state, data, SIZE).shown));
    return { text: state.asking?.text, action: press(state, answer, picture(state, data, SIZE).shown).action };
  };

  test('nothing is stopped or kicked without a yes', () => {
    expect(asked('x', 'y')).toEqual({ text: 'stop a, and end its sessions (3)?', action: { kind: 'stop', service: 'a' } });
    expect(asked('x', 'n').action).toBe(null);
    expect(asked('x', 'q').action).toBe(null);
    expect(asked('\x1b[Bx', 'Y').action).toEqual({ kind: 'start', service: 'c' });
    expect(asked('\tk', 'y')).toMatchObject({ text: 'kick session 3 of a, 192.0.2.7:3?', action: { kind: 'kick', session: 3 } });
    expect(asked('k', 'y')).toEqual({ text: undefined, action: null });
  });

  test('a service that is called all is not stopped here: the word means every one', () => {
    expect(shows([unit('all')], 'x').state.asking).toBe(null);
  });

  test('Enter shows the sessions of the selected service', () => {
    const { lines, state } = shows(units, '\x1b[F\r');
    expect(state).toMatchObject({ view: 'sessions', filter: 'b' });
    expect(plain(lines).filter((line) => line.includes('192.0.2.7'))).toHaveLength(1);
  });

  test('sequences are read as keys, and unknown ones are none', () => {
    expect(keysOf('a\x1b[A\x1bOB\x1b[5~\x1b[1;5C\x1b[200~é\x00\x1b')).toEqual(['a', 'up', 'down', 'page-up', 'é', 'escape']);
  });
});

describe('quantile', () => {
  test('the end of the range it falls into, of what came since', () => {
    const now = { bounds: [0.001, 0.01], counts: [5, 4, 1], sum: 0 };
    expect(quantile(0.5, now, null)).toBe('≤1ms');
    expect(quantile(0.9, now, null)).toBe('≤10ms');
    expect(quantile(0.99, now, null)).toBe('>10ms');
    expect(quantile(0.5, now, { ...now, counts: [5, 0, 1] })).toBe('≤10ms');
    expect(quantile(0.5, now, now)).toBe('-');
  });
});
