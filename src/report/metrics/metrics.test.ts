import { describe, expect, test } from 'vitest';
import type { Event } from '../event.js';
import { exposition, type Samples } from './exposition.js';
import { Histogram } from './histogram.js';
import { Metrics } from './metrics.js';
import { metricFamilies } from './table.js';

const service = { id: 'echo', name: 'echo' };
const peer = { address: '192.0.2.7', port: 40_000 };
const usage = { userMicroseconds: 1500, systemMicroseconds: 500, maxRssKilobytes: 0 };

describe('Metrics', () => {
  test('keeps sums of the events by service', () => {
    const metrics = new Metrics();
    const events: readonly Event[] = [
      { type: 'session-started', at: 1000, service, session: 1, peer, pid: 7 },
      { type: 'session-answered', at: 1000, service, session: 2, peer },
      { type: 'session-ended', at: 1700, service, session: 1, peer, pid: 7, startedAt: 1000, exit: { kind: 'exited', status: 0 }, usage },
      { type: 'session-refused', at: 1000, service, peer, reason: 'rate' },
      { type: 'session-refused', at: 1000, service, peer, reason: 'rate' },
      { type: 'session-refused', at: 1000, service, peer, reason: 'internal' },
      { type: 'session-failed', at: 1000, service, session: 3, peer, step: 'execve', errno: 2, problem: '' },
      { type: 'log-health', at: 1000, sink: 'syslog', problem: 'gone', linesLost: 0 },
      { type: 'log-health', at: 1000, sink: 'syslog', problem: '', linesLost: 3 },
      { type: 'log-health', at: 1000, sink: 'syslog', problem: '', linesLost: 4 },
    ];
    for (const event of events) metrics.sink(event);
    const echo = metrics.services.get('echo')!;
    expect(echo).toMatchObject({ started: 2, failed: 1, userMicroseconds: 1500, systemMicroseconds: 500 });
    expect([echo.refusals('rate'), echo.refusals('internal'), echo.refusals('banned')]).toEqual([2, 1, 0]);
    expect(echo.durations).toMatchObject({ count: 1, sum: 0.7 });
    expect([...metrics.linesLost]).toEqual([['syslog', 7]]);
    metrics.keepOnly(new Set());
    expect(metrics.services.size).toBe(0);
  });
});

describe('Histogram', () => {
  test('bounds are inclusive, and values above all bounds are counted last', () => {
    const histogram = new Histogram([1, 2]);
    for (const value of [0, 1, 1.5, 2, 3]) histogram.observe(value);
    expect(histogram).toMatchObject({ counts: [2, 2, 1], sum: 7.5, count: 5 });
  });
});

describe('exposition', () => {
  test('escapes labels, and accumulates the buckets of a histogram', () => {
    const histogram = new Histogram([0.5, 1]);
    for (const value of [0.1, 0.7, 9]) histogram.observe(value);
    const nothing = Object.fromEntries(Object.keys(metricFamilies).map((name) => [name, []])) as unknown as Samples;
    const text = [
      ...exposition({
        ...nothing,
        superd_sessions: [{ labels: ['a"b\\c\nd'], value: 3 }],
        superd_spawn_duration_seconds: [{ labels: [], value: histogram }],
      }),
    ].join('');
    expect(text).toContain('\nsuperd_sessions{service="a\\"b\\\\c\\nd"} 3\n');
    const lines = text.split('\n').filter((one) => one.startsWith('superd_spawn_duration_seconds'));
    expect(lines.map((one) => one.replace('superd_spawn_duration_seconds', ''))).toEqual([
      '_bucket{le="0.5"} 1',
      '_bucket{le="1"} 2',
      '_bucket{le="+Inf"} 3',
      '_sum 9.8',
      '_count 3',
    ]);
  });
});
