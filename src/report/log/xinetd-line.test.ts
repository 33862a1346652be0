import { describe, expect, it } from 'vitest';
import type { FailureField, LogPlan, SuccessField } from '../../config/plan.js';
import { refusalReasons, type SessionEnded, type SessionFailed, type SessionRefused, type SessionStarted } from '../event.js';
import { createProgramPrefix, createServicePrefix, xinetdLine, xinetdLossLine } from './xinetd-line.js';

const foo = { id: 'foo', name: 'foo' };
const peer = { address: '127.0.0.1', port: 40112 };
const at = new Date(2026, 10, 22, 6, 49, 51, 999).getTime();
const usage = { userMicroseconds: 0, systemMicroseconds: 0, maxRssKilobytes: 0 };

const started: SessionStarted = { type: 'session-started', at, service: foo, session: 1, peer, pid: 31407 };
const ended: SessionEnded = {
  ...started,
  type: 'session-ended',
  startedAt: at,
  exit: { kind: 'exited', status: 0 },
  usage,
};
const refused: SessionRefused = { type: 'session-refused', at, service: foo, peer, reason: 'address' };
const failed: SessionFailed = { type: 'session-failed', at, service: foo, session: 1, peer, step: 'clone', errno: 11, problem: 'clone: …' };

function plan(onSuccess: SuccessField[], onFailure: FailureField[] = []): LogPlan {
  return { sink: null, onSuccess: new Set(onSuccess), onFailure: new Set(onFailure) };
}

describe('START', () => {
  it.each<[SuccessField[], string | null]>([
    [['PID', 'HOST'], 'START: foo pid=31407 from=127.0.0.1'],
    [['HOST'], 'START: foo from=127.0.0.1'],
    [['EXIT'], 'START: foo'],
    [['USERID'], 'START: foo'],
    [[], null],
  ])('with %j is %j', (fields, line) => {
    expect(xinetdLine(started, plan(fields))).toBe(line);
  });

  it('gives pid=0 when superd itself answers', () => {
    expect(xinetdLine({ ...started, pid: 0 }, plan(['PID', 'HOST']))).toBe('START: foo pid=0 from=127.0.0.1');
  });

  it('has <no address> when the kernel does not report the peer', () => {
    expect(xinetdLine({ ...started, peer: { address: null, port: 0 } }, plan(['HOST']))).toBe('START: foo from=<no address>');
  });
});

describe('EXIT', () => {
  it.each<[SuccessField[], string | null]>([
    [['EXIT', 'PID', 'DURATION', 'HOST'], 'EXIT: foo status=0 pid=31407 duration=0(sec)'],
    [['EXIT'], 'EXIT: foo status=0'],
    [['DURATION'], 'EXIT: foo duration=0(sec)'],
    [['PID', 'HOST'], null],
  ])('with %j is %j', (fields, line) => {
    expect(xinetdLine(ended, plan(fields))).toBe(line);
  });

  it('names the signal that ended the server', () => {
    const killed: SessionEnded = { ...ended, pid: 16334, exit: { kind: 'signaled', signal: 9, core: false } };
    expect(xinetdLine(killed, plan(['EXIT', 'PID', 'DURATION']))).toBe('EXIT: foo signal=9 pid=16334 duration=0(sec)');
  });

  it('subtracts whole seconds, as xinetd does, and is never negative', () => {
    expect(xinetdLine({ ...ended, at: at + 1 }, plan(['DURATION']))).toBe('EXIT: foo duration=1(sec)');
    expect(xinetdLine({ ...ended, at: at - 5000 }, plan(['DURATION']))).toBe('EXIT: foo duration=0(sec)');
  });
});

describe('FAIL', () => {
  it("uses xinetd's words for every reason", () => {
    const words = refusalReasons.map((reason) => xinetdLine({ ...refused, reason }, plan([], ['HOST']))?.slice('FAIL: foo '.length));
    expect(words.map((text) => text?.replace(' from=127.0.0.1', ''))).toEqual([
      'address',
      'address',
      'reflector',
      'proxy',
      'address',
      'time',
      'rate',
      'per_source_limit',
      'prefix_limit',
      'service_limit',
      'connections per second',
      'load',
      'process_limit',
      'libwrap',
      'ident',
      'internal',
    ]);
  });

  it('appears for any word of log_on_failure, with the address only for HOST', () => {
    expect(xinetdLine(refused, plan([], ['ATTEMPT']))).toBe('FAIL: foo address');
    expect(xinetdLine(refused, plan([], ['USERID']))).toBe('FAIL: foo address');
    expect(xinetdLine(refused, plan(['HOST'], []))).toBeNull();
  });

  it('distinguishes a failed clone from a failed exec', () => {
    expect(xinetdLine(failed, plan([], ['HOST']))).toBe('FAIL: foo fork from=127.0.0.1');
    expect(xinetdLine({ ...failed, step: 'execve' }, plan([], ['HOST']))).toBe('FAIL: foo exec from=127.0.0.1');
  });

  it('cannot be forged with the name of a socket', () => {
    const stranger = { address: '/tmp/a\nSTART: foo pid=1', port: 0 };
    expect(xinetdLine({ ...refused, peer: stranger }, plan([], ['HOST']))).toBe(
      'FAIL: foo address from=/tmp/a\\x0aSTART:\\x20foo\\x20pid=1',
    );
  });

  it('is truncated to 1024 bytes, between characters', () => {
    const line = xinetdLine({ ...refused, peer: { address: 'ä'.repeat(2000), port: 0 } }, plan([], ['HOST']))!;
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(line)).toBeGreaterThan(1020);
    expect(line.endsWith('ä')).toBe(true);
  });
});

describe('the time prefix', () => {
  it('has month and day without a zero, hours with one', () => {
    const prefix = createServicePrefix();
    expect(prefix(at)).toBe('26/11/22@06:49:51: ');
    expect(prefix(new Date(2009, 0, 2, 3, 4, 5).getTime())).toBe('09/1/2@03:04:05: ');
    expect(prefix(at + 1)).toBe('26/11/22@06:49:52: ');
  });

  it('names the program in the program log', () => {
    expect(createProgramPrefix('xinetd', 3994)(at)).toBe('26/11/22@06:49:51 xinetd[3994]: ');
  });
});

it('reports how many lines were lost, since when and why', () => {
  expect(xinetdLossLine({ at, since: at, lines: 3, problem: 'write /x: no space left on device (ENOSPC)' })).toBe(
    '3 lines lost since 26/11/22@06:49:51: write /x: no space left on device (ENOSPC)',
  );
});
