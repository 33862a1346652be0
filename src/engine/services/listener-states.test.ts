import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderStatesPage } from '../../supervise/states-page.js';
import { type ListenerReason, type ListenerState, listenerReasonNames, listenerStateNames, listenerTable } from './listener-states.js';
import { renderListenerStates } from './listener-states-page.js';

test('docs/states.md is generated from the tables', () => {
  const page = readFileSync(new URL('../../../docs/states.md', import.meta.url), 'utf8');
  expect(page).toBe(renderStatesPage() + renderListenerStates());
});

test('every state of a listener can be reached and left', () => {
  const reached = new Set<ListenerState>(['stopped']);
  for (const state of reached) for (const reason of listenerReasonNames) reached.add(listenerTable[state][reason].to);
  expect([...reached].sort()).toEqual([...listenerStateNames].sort());
  for (const state of listenerStateNames)
    expect(listenerReasonNames.some((reason) => listenerTable[state][reason].to !== state)).toBe(true);
});

const after = (history: readonly ListenerReason[]) =>
  history.reduce<ListenerState>((state, reason) => listenerTable[state][reason].to, 'stopped');

test('whatever has happened, a listener can be stopped, and started again', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...listenerReasonNames), { maxLength: 40 }), (history) => {
      expect(after([...history, 'stop'])).toBe('stopped');
      expect(after([...history, 'stop', 'listen'])).toBe('listening');
    }),
  );
});

test('a listener gives up its socket whenever it is stopped, and its server does not bring it back', () => {
  for (const state of listenerStateNames) expect(['close', 'leave']).toContain(listenerTable[state].stop.effect);
  for (const reason of ['server-ended', 'server-failed', 'resume', 'cps', 'error'] as const)
    expect(listenerTable.stopped[reason]).toEqual({ to: 'stopped', effect: 'nothing' });
});
