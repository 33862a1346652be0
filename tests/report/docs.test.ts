import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LogPlan } from '../../src/config/plan.js';
import {
  type EndCause,
  endCauses,
  refusalReasons,
  type SessionEnded,
  type SessionFailed,
  type SessionRefused,
} from '../../src/report/event.js';
import { createJsonLines } from '../../src/report/log/json-line.js';
import type { SessionEvent } from '../../src/report/log/session-line.js';
import { xinetdLine } from '../../src/report/log/xinetd-line.js';

const docs = readFileSync(new URL('../../docs/logs.md', import.meta.url), 'utf8');
const log: LogPlan = { sink: null, onSuccess: new Set(['PID', 'HOST', 'EXIT', 'DURATION']), onFailure: new Set(['HOST']) };
const common = { at: 0, service: { id: 'foo', name: 'foo' }, peer: { address: '192.0.2.7', port: 1 }, session: 1 };
const usage = { userMicroseconds: 1, systemMicroseconds: 1, maxRssKilobytes: 1 };

const ended: SessionEnded = { ...common, type: 'session-ended', pid: 1, startedAt: 0, exit: { kind: 'exited', status: 0 }, usage };
const causes = Object.keys(endCauses) as readonly EndCause[];
const failed: SessionFailed = { ...common, type: 'session-failed', step: 'execve', errno: 2, problem: 'x' };
const events: SessionEvent[] = [
  { ...common, type: 'session-started', pid: 1 },
  { ...common, type: 'session-answered' },
  ended,
  { ...ended, exit: { kind: 'signaled', signal: 9, core: false } },
  ...causes.map((cause): SessionEnded => ({ ...ended, cause })),
  failed,
  { ...failed, step: 'clone' },
  ...refusalReasons.map((reason): SessionRefused => ({ ...common, type: 'session-refused', reason })),
];

describe('docs/logs.md', () => {
  it('has every reason of a FAIL line, with its code', () => {
    for (const event of events) {
      if (event.type !== 'session-refused' && event.type !== 'session-failed') continue;
      const word = /^FAIL: foo (.*) from=/.exec(xinetdLine(event, log)!)![1];
      expect(docs).toMatch(event.type === 'session-refused' ? new RegExp(`\\| \`${word}\` \\| \`${event.reason}\``) : `| \`${word}\` |`);
    }
  });

  it('has every cause of an end, with its text; the EXIT line is the same for all causes', () => {
    for (const [cause, text] of Object.entries(endCauses)) expect(docs).toContain(`| \`${cause}\` | ${text} |`);
    for (const cause of causes) expect(xinetdLine({ ...ended, cause }, log)).toBe(xinetdLine(ended, log));
  });

  it('has every member of a JSON line', () => {
    const { line, loss } = createJsonLines();
    const lines = [...events.map((event) => line(event, log)!), loss({ at: 0, since: 0, lines: 1, problem: 'x' })];
    for (const name of new Set(lines.flatMap((text) => Object.keys(JSON.parse(text))))) expect(docs).toContain(`\`${name}\``);
  });
});
