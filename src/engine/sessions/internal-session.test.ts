import { expect, test } from 'vitest';
import { Tally } from '../../gate/tally.js';
import { InternalSession } from './internal-session.js';
import type { SessionContext, SessionOwner } from './session.js';

/** The part of a daemon that a session uses. */
function world() {
  const events: string[] = [];
  const sessions = new Set();
  const service = {
    tally: new Tally(),
    sessions: new Set(),
    started: 0,
    subject: { id: 'one', name: 'one' },
    forget: () => {},
  };
  const emit = ({ type }: { readonly type: string }) => {
    events.push(type);
    if (type === 'session-started') throw new Error('a log that fails');
  };
  const context = { nextSession: () => 1, now: () => 0, sessions, emit, uncounted: { count: 0 } };
  const begin = () =>
    new InternalSession(context as unknown as SessionContext, service as unknown as SessionOwner, { address: '::1', port: 1 }, '::1');
  return { begin, service, sessions, events };
}

test('a session is released once, however often it ends', () => {
  const { begin, service, sessions } = world();
  let after = 0;
  const [one, other] = [begin(), begin()];
  one.after = () => after++;
  one.cancel();
  one.cancel();
  one.end();
  expect([service.tally.running, sessions.has(other), after]).toEqual([1, true, 1]);
  expect(other.gone).toBe(false);
});

test('a session whose start the log could not take runs all the same, and can be ended', () => {
  const { begin, events } = world();
  const session = begin();
  expect(() => session.begin(() => session.end())).toThrow('a log that fails');
  expect(session.launched).toBe(true);
  expect(session.signal()).toBe(true);
  expect([session.gone, ...events]).toEqual([true, 'session-started', 'session-ended']);
});
