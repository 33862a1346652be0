import { describe, expect, it } from 'vitest';
import type { Event } from '../event.js';
import { programLine } from './program-line.js';

const at = 0;
const service = { id: 'foo-in', name: 'foo' };
const peer = { address: '192.0.2.7', port: 40112 };

describe("lines in xinetd's words", () => {
  it.each<[Event, string, string]>([
    [
      { type: 'service-paused', at, service, reason: 'cps', seconds: 10 },
      'error',
      'Deactivating service foo due to excessive incoming connections.  Restarting in 10 seconds.',
    ],
    [
      { type: 'service-paused', at, service, reason: 'no-descriptors', seconds: 10 },
      'error',
      'Deactivating service foo due to no available descriptors.  Restarting in 10 seconds.',
    ],
    [{ type: 'service-resumed', at, service }, 'error', 'Activating service foo'],
    [
      { type: 'session-refused', at, service, peer, reason: 'wrappers' },
      'info',
      'libwrap refused connection to foo (libwrap=in.foo) from 192.0.2.7',
    ],
    [{ type: 'session-refused', at, service, peer, reason: 'load' }, 'error', 'refused connect from 192.0.2.7 due to excessive load'],
    [{ type: 'notice', at, level: 'warning', message: 'Exiting...' }, 'warning', 'Exiting...'],
  ])('%j', (event, level, text) => {
    expect(programLine(event, 'in.foo')).toEqual({ level, text });
  });
});

describe("lines in superd's words", () => {
  it.each<[Event, string, string]>([
    [{ type: 'service-listening', at, service, endpoint: 'tcp 127.0.0.1:7000' }, 'debug', 'Service foo-in listens on tcp 127.0.0.1:7000'],
    [{ type: 'service-stopped', at, service }, 'notice', 'Service foo-in stopped'],
    [
      { type: 'service-unopened', at, service, problem: 'bind *: in use' },
      'error',
      'Service foo-in cannot listen yet: bind *: in use; superd tries again',
    ],
    [
      { type: 'session-failed', at, service, session: 1, peer, step: 'execve', errno: 2, problem: 'execve /x: no such file (ENOENT)' },
      'error',
      'foo-in: execve /x: no such file (ENOENT)',
    ],
    [{ type: 'session-refused', at, service, peer, reason: 'internal' }, 'error', 'Service foo-in has no verdict on 192.0.2.7: refused'],
    [{ type: 'log-health', at, sink: '/l', problem: 'write /l: EIO', linesLost: 0 }, 'error', 'log /l: write /l: EIO'],
    [{ type: 'log-health', at, sink: '/l', problem: '', linesLost: 3 }, 'notice', 'log /l: written again, 3 lines lost'],
    [{ type: 'notice', at, level: 'error', message: 'two\nlines' }, 'error', 'two\\x0alines'],
  ])('%j', (event, level, text) => {
    expect(programLine(event, null)).toEqual({ level, text });
  });
});

it('leaves session lines to the service log', () => {
  expect(programLine({ type: 'session-started', at, service, session: 1, peer, pid: 1 }, null)).toBeNull();
  expect(programLine({ type: 'session-refused', at, service, peer, reason: 'address' }, null)).toBeNull();
});
