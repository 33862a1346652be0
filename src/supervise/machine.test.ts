import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DaemonState, daemonStateNames as states } from '../report/states.js';
import { type DaemonEvent, eventNames as events, table } from './machine.js';
import { renderStatesPage } from './states-page.js';

test('docs/states.md is drawn from the tables', () => {
  expect(readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8').startsWith(renderStatesPage())).toBe(true);
});

test('every state can be reached and left, and has an entry for every event', () => {
  const reached = new Set<DaemonState>(['stopped']);
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

/** The state after a list of events. */
const play = (start: DaemonState, list: readonly DaemonEvent[]) =>
  list.reduce<DaemonState>((state, event) => table[state][event].to, start);

test('after any history, a stop and the exit of all processes lead to stopped', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (history) => {
      expect(play('stopped', [...history, 'stop', 'all-exited'])).toBe('stopped');
    }),
  );
});

test('after any history, a stop, the exit of all processes and a start lead to starting', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (history) => {
      expect(play('stopped', [...history, 'stop', 'all-exited', 'start', 'dependencies-ready'])).toBe('starting');
    }),
  );
});

test('superd launches a process only when none is left', () => {
  for (const state of states) {
    for (const event of events) {
      if (table[state][event].effect === 'launch') expect([state, event]).toEqual(['waiting', 'dependencies-ready']);
      // A daemon waits for its start only when none of its processes is left.
      if (table[state][event].to === 'waiting' && state !== 'waiting') {
        const without: readonly DaemonState[] = ['stopped', 'backoff', 'crash-looping', 'exited', 'failed'];
        expect(without.includes(state) || event === 'all-exited' || (state === 'cleaning-up' && event === 'start-again')).toBe(true);
      }
    }
  }
});
