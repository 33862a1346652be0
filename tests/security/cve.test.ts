import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anonymousMemory } from '../life/reloading.js';
import { ask, Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort, freePorts } from '../support/ports.js';
import { descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { askSelf, reporter } from '../support/self-report.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** The CVEs of xinetd and the points of its file AUDIT, without those that the scenarios of `tests/differential/scenarios/cve` show. */
describeWith({}, 'CVE-2003-0211: rejected connections', () => {
  test('leak neither memory nor descriptors', async () => {
    const port = await freePort();
    const config = serviceBlock('closed', { port, server: '/bin/cat', only_from: '127.0.0.9', cps: [0, 1], log_on_failure: [] });
    const { pid } = await startDaemon({ config });
    const flood = async (count: number) => {
      for (let i = 0; i < count; i += 50) await Promise.all(Array.from({ length: 50 }, () => knock({ port })));
    };
    await flood(1_000);
    const before = { memory: anonymousMemory(pid), descriptors: descriptorsOf(pid).size };
    await flood(4_000);
    await waitFor('the last of them to be closed', () => descriptorsOf(pid).size <= before.descriptors);
    // 4,000 that leave 1 KiB each behind would be 4,000 KiB.
    expect(anonymousMemory(pid) - before.memory).toBeLessThan(2_500);
  });
});

describeWith({ superdOnly: 'xinetd has a process for each client of echo' }, 'AUDIT: descriptors above those of an fd_set', () => {
  test('serve clients like any other, and the next server starts as usual', async () => {
    const [port, selfPort] = (await freePorts(2)) as [number, number];
    const echo = { port, type: ['INTERNAL', 'UNLISTED'], cps: [0, 1] };
    await startDaemon({
      config: serviceBlock('echo', echo) + serviceBlock('self', { port: selfPort, server: reporter() }),
      prefix: ['prlimit', '--nofile=1024:4096'],
    });
    const held: Connection[] = [];
    for (let i = 0; i < 1_100; i++) held.push(await Connection.open({ port }));
    held.at(-1)!.send('still here');
    await held.at(-1)!.waitForText(/still here/);
    expect((await askSelf({ port: selfPort })).limits.files).toEqual([1_024, 4_096]);
  });
});

describeWith({ root: true }, 'AUDIT: privileges', () => {
  test('are dropped before the server reads from its client', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('self', { port, server: reporter(), user: 'nobody' }) });
    const report = await askSelf({ port });
    expect(report.uids).not.toContain(0);
    expect(report.gids).not.toContain(0);
    expect(report.groups).toEqual([]);
    expect([report.CapEff, report.CapPrm].map((mask) => Number.parseInt(mask, 16))).toEqual([0, 0]);
  });
});

describeWith({}, 'AUDIT: input of clients', () => {
  test('never forms a line of the log: each refusal is one line of bounded length', async () => {
    const port = await freePort();
    const config = serviceBlock('cat', { port, server: '/bin/cat', instances: 0, cps: [0, 1] });
    const daemon = await startDaemon({ config });
    for (let i = 0; i < 20; i++) await ask({ port }, '\nSTART: forged pid=1 from=10.0.0.1\n');
    await waitFor('every refusal', () => daemon.entries().length >= 20);
    expect(new Set(daemon.entries())).toEqual(new Set(['FAIL: cat service_limit from=127.0.0.1']));
  });
});

describeWith({ superdOnly: 'xinetd writes without a limit, or stops and then floods its own log' }, 'AUDIT: no limit to logging', () => {
  test('keeps a flood of refusals within the limits of the disk, with few messages', async () => {
    const directory = temporaryDirectory();
    const port = await freePort();
    const limits = { log_type: ['FILE', join(directory, 'flood.log'), '10K', '20K'], log_keep: 1 };
    const config = serviceBlock('cat', { port, server: '/bin/cat', instances: 0, cps: [0, 1], ...limits });
    const daemon = await startDaemon({ config });
    const files = () => readdirSync(directory).filter((name) => name.startsWith('flood.log'));
    // 4,000 lines of some 65 bytes are 13 times the limit.
    for (let i = 0; i < 4_000; i += 50) {
      await Promise.all(Array.from({ length: 50 }, () => knock({ port })));
      // The present file, the last one, and its compressed copy in the making.
      const sizes = files().map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(3 * 20_480);
    }
    await waitFor('an old one', () => files().includes('flood.log.1.gz'));
    expect(daemon.words.split('\n').filter((line) => !line.includes('refused')).length).toBeLessThan(100);
  });
});
