import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { LogPlan, ServicePlan } from '../../src/config/plan.js';
import { Logs } from '../../src/report/log/logs.js';
import { temporaryDirectory } from '../support/temporary.js';
import { allLines, turn } from './open-sink.js';

const LINES = 200_000;
/** As many as one turn of the event loop brings when strangers flood a port. */
const BATCH = 256;

it.each(['xinetd', 'json'] as const)('writes 200,000 refusals as %s lines, and tells what one costs', async (format) => {
  const path = join(temporaryDirectory(), 'servicelog');
  const limit = Number.POSITIVE_INFINITY;
  const log: LogPlan = {
    sink: { kind: 'file', path, soft: limit, hard: limit, keep: 1, format },
    onSuccess: new Set(),
    onFailure: new Set(['HOST']),
  };
  const logs = new Logs({
    program: { kind: 'syslog', facility: 'daemon' },
    send: () => 0,
    syslogPath: '/dev/log',
    name: 'superd',
    report() {},
  });
  onTestFinished(() => logs.close());
  logs.configure([{ id: 'foo', name: 'foo', log, gate: { wrappers: null } } as unknown as ServicePlan]);
  const service = { id: 'foo', name: 'foo' };

  const before = process.cpuUsage();
  for (let n = 0; n < LINES; n++) {
    const peer = { address: `192.0.2.${n % 256}`, port: n % 65536 };
    logs.sink({ type: 'session-refused', at: Date.now(), service, peer, reason: 'address' });
    if (n % BATCH === 0) await turn();
  }
  logs.flushSync();
  const { user, system } = process.cpuUsage(before);

  expect(allLines(path)).toHaveLength(LINES);
  process.stdout.write(`${format}: ${Math.round(((user + system) * 1000) / LINES)} ns of processor time a line\n`);
  rmSync(path);
});
