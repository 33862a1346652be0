import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DaemonEvent, type DaemonPhase, events, states, table } from './machine.js';
import { renderStatesPage } from './states-page.js';

test('docs/states.md is drawn from the table', () => {
  expect(readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8')).toBe(renderStatesPage());
});

test('every cell leads to a state that there is, and every state can be reached and left', () => {
  const reached = new Set<DaemonPhase>(['down']);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const state of [...reached]) for (const event of events) reached.add(table[state][event].to);
  }
  expect([...reached].sort()).toEqual([...states].sort());
  for (const state of states) {
    expect(Object.keys(table[state]).sort()).toEqual([...events].sort());
    expect(events.some((event) => table[state][event].to !== state)).toBe(true);
  }
});

/** Plays a list of events; only the machine's own consequences follow it. */
const play = (start: DaemonPhase, list: readonly DaemonEvent[]) =>
  list.reduce<DaemonPhase>((state, event) => table[state][event].to, start);

test('whatever has happened, a stop and the end of its processes lead down', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (history) => {
      expect(play('down', [...history, 'stop', 'empty'])).toBe('down');
    }),
  );
});

test('whatever has happened, a stop, its end and a start lead to its start', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (history) => {
      expect(play('down', [...history, 'stop', 'empty', 'start', 'clear'])).toBe('starting');
    }),
  );
});

test('a process is launched only where none is left', () => {
  for (const state of states) {
    for (const event of events) {
      if (table[state][event].effect === 'launch') expect([state, event]).toEqual(['waiting', 'clear']);
      // Whatever leads there has come from a state without processes, or hears that none is left.
      if (table[state][event].to === 'waiting' && state !== 'waiting') {
        const without: readonly DaemonPhase[] = ['down', 'delayed', 'resting', 'done', 'failed'];
        expect(without.includes(state) || event === 'empty' || (state === 'sweeping' && event === 'again')).toBe(true);
      }
    }
  }
});
