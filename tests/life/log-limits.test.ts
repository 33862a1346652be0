import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** The last sessions may still be logged, and generations renamed. */
function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

describeWith({ superdOnly: 'xinetd stops at the limit, and knows no JSON' }, 'log_type with limits, log_keep and log_format', () => {
  test('keep this many generations of JSON lines, never larger than the limit', async () => {
    const directory = temporaryDirectory();
    const log = join(directory, 'service.log');
    const port = await freePort();
    const attributes = { port, server: '/bin/echo', cps: '0 0', log_on_success: 'PID HOST EXIT' };
    await startDaemon({
      config: serviceBlock('greet', { ...attributes, log_type: `FILE ${log} 1K 2K`, log_keep: 2, log_format: 'json' }),
    });
    for (let i = 0; i < 40; i++) await ask({ port });
    const oldest = await waitFor('two old generations', () => existsSync(`${log}.1.gz`) && readIfThere(`${log}.2.gz`));
    expect(readdirSync(directory).filter((name) => /^service\.log\.[3-9]/.test(name))).toEqual([]);
    expect(statSync(log, { throwIfNoEntry: false })?.size ?? 0).toBeLessThanOrEqual(2048);
    const lines = gunzipSync(oldest).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).service)).toEqual(lines.map(() => 'greet'));
  });
});
