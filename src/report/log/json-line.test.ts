import { describe, expect, it } from 'vitest';
import type { LogPlan } from '../../config/plan.js';
import type { SessionEnded, SessionRefused, SessionStarted } from '../event.js';
import { createIsoTime, createJsonLines } from './json-line.js';

const at = Date.UTC(2026, 10, 22, 5, 49, 51, 42);
const all: LogPlan = { sink: null, onSuccess: new Set(['HOST', 'EXIT']), onFailure: new Set(['HOST']) };
const withoutHost: LogPlan = { sink: null, onSuccess: new Set(['EXIT']), onFailure: new Set(['ATTEMPT']) };
const none: LogPlan = { sink: null, onSuccess: new Set(), onFailure: new Set() };
const peer = { address: '192.0.2.7', port: 40112 };
const service = { id: 'ssh-in', name: 'ssh' };
const started: SessionStarted = { type: 'session-started', at, service, session: 12, peer, pid: 31407 };
const ended: SessionEnded = {
  ...started,
  type: 'session-ended',
  startedAt: at - 1234,
  exit: { kind: 'exited', status: 3 },
  usage: { userMicroseconds: 1500, systemMicroseconds: 20, maxRssKilobytes: 4096 },
};
const refused: SessionRefused = { type: 'session-refused', at, service, peer, reason: 'cps' };

function parsed(event: SessionStarted | SessionEnded | SessionRefused, log: LogPlan): unknown {
  const line = createJsonLines().line(event, log);
  return line === null ? null : JSON.parse(line);
}

describe('a line', () => {
  it('has all facts about a session', () => {
    const time = createIsoTime()(at);
    const common = { time, id: 'ssh-in', service: 'ssh', ...peer };
    expect(parsed(started, all)).toEqual({ ...common, event: 'session-started', session: 12, pid: 31407 });
    expect(parsed(ended, all)).toEqual({
      ...common,
      event: 'session-ended',
      session: 12,
      pid: 31407,
      status: 3,
      durationMs: 1234,
      userMs: 1.5,
      systemMs: 0.02,
      maxRssKilobytes: 4096,
    });
    expect(parsed(refused, all)).toEqual({ ...common, event: 'session-refused', reason: 'cps' });
  });

  it('has the address only with HOST', () => {
    for (const event of [started, ended, refused]) expect(parsed(event, withoutHost)).not.toHaveProperty('address');
    for (const event of [started, ended, refused]) expect(parsed(event, withoutHost)).not.toHaveProperty('port');
  });

  it('is not written for an empty list', () => {
    for (const event of [started, ended, refused]) expect(parsed(event, none)).toBeNull();
  });

  it('is one line of ASCII, whatever the untrusted text', () => {
    const stranger = { address: '/tmp/\n\u2028\u202e"\\', port: 0 };
    const line = createJsonLines().line({ ...refused, peer: stranger }, all)!;
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(line)).toHaveProperty('address', stranger.address);
  });
});

it('has a time that parses to the same moment', () => {
  for (const moment of [at, 0, at + 957, 1_711_846_799_999, 1_711_846_800_000]) expect(Date.parse(createIsoTime()(moment))).toBe(moment);
});
