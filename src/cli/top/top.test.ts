import { describe, expect, test } from 'vitest';
import type { SessionFacts, UnitFacts } from '../../control/shared-schemas.js';
import type { Top } from '../../control/verbs/top.js';
import { appendSnapshot, quantile } from './figures.js';
import { type FrameSize, renderFrame, type TopData } from './frame.js';
import { keysOf } from './keys.js';
import { INITIAL, pressKey, type TopState } from './state.js';

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

const SIZE: FrameSize = { width: 80, height: 24, color: false };

function shows(units: readonly UnitFacts[], keys = '', size = SIZE): { lines: readonly string[]; state: TopState } {
  const data: TopData = { history: [top(0, units)], sessions: { now: 0, sessions: [session(3, 'a'), session(4, 'b')] }, problem: '' };
  let state = INITIAL;
  for (const key of keysOf(keys)) ({ state } = pressKey(state, key, renderFrame(state, data, size).shown));
  return { lines: renderFrame(state, data, size).lines, state };
}

const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/\x1b\[[0-9;]*m/g, ''));
const names = (lines: readonly string[]) => plain(lines).flatMap((line) => /^(\w+) +(?:listening|stopped|failed)/.exec(line)?.[1] ?? []);

describe('a frame', () => {
  test.each([
    [80, 24],
    [40, 10],
    [132, 50],
    [12, 3],
    [1, 1],
  ])('fills %i columns and %i lines exactly, however many services there are', (width, height) => {
    const units = Array.from({ length: 300 }, (_, i) => unit(`service-with-a-long-name-${i}`));
    for (const keys of ['', '?', '\t', 'x', '/some']) {
      const { lines } = shows(units, keys, { width, height, color: true });
      expect(lines).toHaveLength(height);
      for (const line of plain(lines)) expect([...line].length).toBeLessThanOrEqual(width);
    }
  });

  test('shows rates between two snapshots', () => {
    const before = top(1000, [unit('a')], { accepted: 5 });
    const now = top(3000, [unit('a', { started: 8, refused: 2 })], {
      accepted: 15,
      refusals: { rate: 2 },
      superd: { ...before.superd, cpuMs: 500 },
    });
    const { lines } = renderFrame(INITIAL, { history: appendSnapshot([before], now), sessions: null, problem: '' }, SIZE);
    expect(lines[1]).toContain('cpu 25.0%');
    expect(lines[2]).toBe('per second: accepted 5.0   started 4.0   refused 1.0');
    expect(lines[3]).toBe('refused: rate 2 (1.0/s)');
    expect(plain(lines)[6]).toMatch(/^a +listening +0 +4\.0 +1\.0 +2/);
  });

  test('begins anew when another superd answers', () => {
    const history = appendSnapshot([top(1000, [])], top(2000, [], { startedAt: 1500 }));
    expect(history).toHaveLength(1);
  });

  test('writes no control characters from superd to the terminal', () => {
    const { lines } = shows([unit('a\x1b]0;x\x07\u202e', { state: 'failed', problem: 'b\x1b[2J\r\n' })]);
    for (const line of plain(lines)) expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(lines.join('\n')).toContain('a\\u001b]0;x\\u0007\\u202e');
  });

  test('shows a problem and keeps the last data', () => {
    const { lines } = renderFrame(INITIAL, { history: [top(0, [unit('a')])], sessions: null, problem: 'no superd answers' }, SIZE);
    expect(lines.at(-2)).toBe('no superd answers');
    expect(names(lines)).toEqual(['a']);
  });
});

describe('keys', () => {
  const units = [unit('b', { sessions: 1 }), unit('a', { sessions: 3 }), unit('c', { sessions: 2, state: 'stopped' })];

  test('s sorts by the next column, r reverses the order', () => {
    expect(names(shows(units).lines)).toEqual(['a', 'c', 'b']);
    expect(names(shows(units, 'r').lines)).toEqual(['b', 'c', 'a']);
    expect(names(shows(units, 'sssssss').lines)).toEqual(['a', 'b', 'c']);
    expect(shows(units, 's').state.sort.services).toBe('START/S');
  });

  test('a filter is typed, corrected, kept and cleared', () => {
    expect(names(shows(units, '/stop').lines)).toEqual(['c']);
    expect(names(shows(units, '/stopx\x7f\r').lines)).toEqual(['c']);
    expect(shows(units, '/stop\r').state.isTyping).toBe(false);
    expect(names(shows(units, '/stop\r\x1b').lines)).toHaveLength(3);
    expect(names(shows(units, '/q').lines)).toEqual([]);
  });

  const asked = (keys: string, answer: string) => {
    const data: TopData = { history: [top(0, units)], sessions: { now: 0, sessions: [session(3, 'a'), session(4, 'b')] }, problem: '' };
    let state = INITIAL;
    for (const key of keysOf(keys)) ({ state } = pressKey(state, key, renderFrame(state, data, SIZE).shown));
    return { text: state.confirmation?.text, action: pressKey(state, answer, renderFrame(state, data, SIZE).shown).action };
  };

  test('stops and kicks nothing without a yes', () => {
    expect(asked('x', 'y')).toEqual({ text: 'stop a, and end its sessions (3)?', action: { kind: 'stop', service: 'a' } });
    expect(asked('x', 'n').action).toBe(null);
    expect(asked('x', 'q').action).toBe(null);
    expect(asked('\x1b[Bx', 'Y').action).toEqual({ kind: 'start', service: 'c' });
    expect(asked('\tk', 'y')).toMatchObject({ text: 'kick session 3 of a, 192.0.2.7:3?', action: { kind: 'kick', session: 3 } });
    expect(asked('k', 'y')).toEqual({ text: undefined, action: null });
  });

  test('does not stop a service named all: the verb would stop every one', () => {
    expect(shows([unit('all')], 'x').state.confirmation).toBe(null);
  });

  test('Enter shows the sessions of the selected service', () => {
    const { lines, state } = shows(units, '\x1b[F\r');
    expect(state).toMatchObject({ view: 'sessions', filter: 'b' });
    expect(plain(lines).filter((line) => line.includes('192.0.2.7'))).toHaveLength(1);
  });

  test('reads sequences as keys, and ignores unknown ones', () => {
    expect(keysOf('a\x1b[A\x1bOB\x1b[5~\x1b[1;5C\x1b[200~é\x00\x1b')).toEqual(['a', 'up', 'down', 'page-up', 'é', 'escape']);
  });
});

describe('quantile', () => {
  test('is the upper bound of its bucket, since the first snapshot', () => {
    const now = { bounds: [0.001, 0.01], counts: [5, 4, 1], sum: 0 };
    expect(quantile(0.5, now, null)).toBe('≤1ms');
    expect(quantile(0.9, now, null)).toBe('≤10ms');
    expect(quantile(0.99, now, null)).toBe('>10ms');
    expect(quantile(0.5, now, { ...now, counts: [5, 0, 1] })).toBe('≤10ms');
    expect(quantile(0.5, now, now)).toBe('-');
  });
});
