import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event } from '../event.js';
import { priority, SyslogSink } from './syslog-sink.js';

const EAGAIN = 11;
const ENOENT = 2;
const at = new Date(2026, 10, 2, 6, 59, 18).getTime();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A sink whose reader returns `state.errno`; `received` has the messages it accepted. */
function sinkWithReader() {
  const received: string[] = [];
  const events: Event[] = [];
  const state = { errno: 0, attempts: 0 };
  const sink = new SyslogSink({
    send(path, data) {
      state.attempts++;
      if (state.errno === 0) received.push(`${path} ${Buffer.from(data)}`);
      return state.errno;
    },
    path: '/dev/log',
    name: 'superd',
    pid: 2188,
    lossText: (loss) => `${loss.lines} lines lost: ${loss.problem}`,
    lossPriority: 28,
    report: (event) => events.push(event),
  });
  return { sink, received, events, state };
}

it('sends messages like syslog(3): priority, time with a padded day, tag, text', () => {
  const { sink, received } = sinkWithReader();
  sink.write(priority('local3', 'notice'), at, 'START: foo pid=2216 from=127.0.0.1');
  expect(received).toEqual(['/dev/log <157>Nov  2 06:59:18 superd[2188]: START: foo pid=2216 from=127.0.0.1']);
});

it.each([
  ['daemon', 'notice', 29],
  ['daemon', 'emerg', 24],
  ['authpriv', 'info', 86],
  ['ftp', 'debug', 95],
  ['local7', 'crit', 186],
])('%s.%s is %i', (facility, level, number) => {
  expect(priority(facility, level)).toBe(number);
});

describe('a slow reader', () => {
  it('is retried soon, gets every message in order, and is not a failure', () => {
    const { sink, received, events, state } = sinkWithReader();
    state.errno = EAGAIN;
    for (const text of ['one', 'two', 'three']) sink.write(29, at, text);
    expect(state.attempts).toBe(1);
    state.errno = 0;
    vi.advanceTimersByTime(5);
    expect(received.map((message) => message.split(': ')[1])).toEqual(['one', 'two', 'three']);
    sink.write(29, at, 'four');
    expect(received).toHaveLength(4);
    expect(events).toEqual([]);
  });

  it('costs at most 64 KiB and one attempt a second; lost messages are counted and reported', () => {
    const { sink, received, events, state } = sinkWithReader();
    state.errno = EAGAIN;
    for (let n = 0; n < 10_000; n++) sink.write(29, at, 'x'.repeat(991));
    vi.advanceTimersByTime(60_000);
    expect(state.attempts).toBeLessThan(80);
    state.errno = 0;
    vi.advanceTimersByTime(3000);
    const message = Buffer.byteLength(received[0]!.slice('/dev/log '.length));
    const kept = Math.floor((64 * 1024) / message);
    expect(received).toHaveLength(kept + 1);
    expect(received.at(-1)).toContain(`${10_000 - kept} lines lost: the reader does not keep up`);
    expect(events).toMatchObject([
      { type: 'log-health', sink: 'syslog /dev/log', problem: 'the reader does not keep up', linesLost: 1 },
      { type: 'log-health', problem: '', linesLost: 10_000 - kept },
    ]);
  });
});

describe('a syslog daemon that is not running', () => {
  it('is one failure, and one recovery when it starts', () => {
    const { sink, received, events, state } = sinkWithReader();
    state.errno = ENOENT;
    for (const text of ['one', 'two']) sink.write(29, at, text);
    vi.advanceTimersByTime(10_000);
    expect(events).toMatchObject([{ type: 'log-health', problem: 'sendto /dev/log: no such file or directory (ENOENT)' }]);
    state.errno = 0;
    vi.advanceTimersByTime(3000);
    expect(received).toHaveLength(2);
    expect(events).toHaveLength(2);
  });

  it('is retried at once by flush, and forgotten by close', () => {
    const { sink, received, state } = sinkWithReader();
    state.errno = ENOENT;
    sink.write(29, at, 'one');
    state.errno = 0;
    sink.flush();
    expect(received).toHaveLength(1);
    state.errno = ENOENT;
    sink.write(29, at, 'two');
    sink.close();
    const attempts = state.attempts;
    vi.advanceTimersByTime(60_000);
    expect(state.attempts).toBe(attempts);
  });
});
