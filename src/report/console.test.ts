import { describe, expect, it } from 'vitest';
import type { ServicePlan } from '../config/plan.js';
import { formatElapsed } from '../duration.js';
import { renderEvent, renderListening, renderPeer } from './console.js';
import type { Event } from './event.js';

const at = new Date(2026, 10, 22, 6, 49, 51).getTime();
const service = { id: 'ssh', name: 'ssh' };
const peer = { address: '192.0.2.7', port: 40112 };
const usage = { userMicroseconds: 0, systemMicroseconds: 0, maxRssKilobytes: 0 };
const plain = { color: false };

describe('an event', () => {
  it.each<[Event, string]>([
    [{ type: 'service-listening', at, service, endpoint: 'tcp *:22' }, 'ssh           listen    tcp *:22'],
    [
      { type: 'service-paused', at, service, reason: 'cps', seconds: 10 },
      'ssh           paused    too many connections a second  for 10 s',
    ],
    [{ type: 'service-resumed', at, service }, 'ssh           resumed'],
    [{ type: 'service-stopped', at, service }, 'ssh           stopped'],
    [{ type: 'session-started', at, service, session: 1, peer, pid: 31407 }, 'ssh           start     192.0.2.7:40112  pid 31407'],
    [{ type: 'session-started', at, service, session: 1, peer, pid: 0 }, 'ssh           start     192.0.2.7:40112'],
    [
      { type: 'session-ended', at, service, session: 1, peer, pid: 7, startedAt: at - 1500, exit: { kind: 'exited', status: 3 }, usage },
      'ssh           end       192.0.2.7:40112  pid 7  1.5 s  exit 3',
    ],
    [
      {
        type: 'session-ended',
        at,
        service,
        session: 1,
        peer,
        pid: 7,
        startedAt: at - 12,
        exit: { kind: 'signaled', signal: 11, core: true },
        usage,
      },
      'ssh           end       192.0.2.7:40112  pid 7  12 ms  signal 11 (core dumped)',
    ],
    [{ type: 'session-refused', at, service, peer, reason: 'wrappers' }, 'ssh           refused   192.0.2.7:40112  wrappers'],
    [{ type: 'log-health', at, sink: '/l', problem: 'EIO', linesLost: 0 }, '/l            log       EIO'],
    [{ type: 'log-health', at, sink: '/l', problem: '', linesLost: 9 }, '/l            log ok    9 lines lost'],
    [{ type: 'notice', at, level: 'critical', message: 'no' }, 'superd        critical  no'],
  ])('%j', (event, line) => {
    expect(renderEvent(event, plain)).toBe(`06:49:51  ${line}`);
  });

  it('has colours only on request', () => {
    const event: Event = { type: 'service-resumed', at, service };
    expect(renderEvent(event, plain)).not.toContain('\x1b');
    expect(renderEvent(event, { color: true })).toContain('\x1b[');
  });

  it('cannot move the cursor of a terminal with untrusted text', () => {
    const stranger = { address: '/tmp/\x1b[2J\r\n', port: 0 };
    const line = renderEvent({ type: 'session-refused', at, service, peer: stranger, reason: 'address' }, plain);
    expect(line).toContain('/tmp/\\x1b[2J\\x0d\\x0a');
  });
});

it.each<[string | null, number, string]>([
  ['192.0.2.7', 7, '192.0.2.7:7'],
  ['2001:db8::1', 7, '[2001:db8::1]:7'],
  ['/run/client', 0, '/run/client'],
  [null, 0, 'unknown client'],
])('the peer %s port %i is %s', (address, port, text) => {
  expect(renderPeer({ address, port })).toBe(text);
});

it.each([
  [-5, '0 ms'],
  [999.4, '999 ms'],
  [59_990, '59.9 s'],
  [61_500, '1m 1s'],
  [3_600_000, '1h'],
  [90_000_000, '1d 1h'],
])('%d ms are %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

describe('the table of listening services', () => {
  const tcp = { family: 'dual', type: 'stream', protocol: { name: 'tcp', number: 6 } } as const;
  const rsync = listener('rsync', 'request', false, { ...tcp, address: null, port: 873 }, ['rsync', '--daemon']);
  const echo = listener('echo', 'internal', false, { ...tcp, address: '::1', port: 7 }, []);
  const talk = listener('talk', 'request', true, { ...tcp, family: 'unix', address: '/run/talk', port: 0 }, ['in.talkd']);

  it('has a row for each service', () => {
    expect(renderListening([rsync, echo, talk], { color: false, width: 80 })).toBe(
      'SERVICE  ENDPOINT        HOW            SERVER\n' +
        'rsync    tcp *:873       request        /usr/bin/rsync --daemon\n' +
        'echo     tcp [::1]:7     internal       superd\n' +
        'talk     unix /run/talk  request, wait  /usr/bin/in.talkd\n',
    );
  });

  it('fits the width of the terminal', () => {
    const lines = renderListening([rsync, echo, talk], { color: false, width: 50 }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(50);
    expect(lines[1]).toMatch(/…$/);
  });

  it('is empty without services', () => {
    expect(renderListening([], { color: false, width: 80 })).toBe('');
  });
});

function listener(
  id: string,
  activation: ServicePlan['activation'],
  wait: boolean,
  endpoint: Pick<ServicePlan['endpoint'], 'family' | 'type' | 'protocol' | 'address' | 'port'>,
  argv: string[],
): ServicePlan {
  return { id, activation, wait, endpoint, program: { path: `/usr/bin/${argv[0]}`, argv } } as unknown as ServicePlan;
}
