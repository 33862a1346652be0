import { expect, test } from 'vitest';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const CALLERS = 8;
const CALLS = 25;

describeWith({ superdOnly: 'three processes of xinetd write the lines, in any order' }, 'START, EXIT and FAIL', () => {
  test('are in the order of events, also for sessions that end as soon as they start', async () => {
    const port = await freePort();
    const config = serviceBlock('brief', { port, server: '/bin/true', no_access: '127.0.0.2', instances: 'UNLIMITED', cps: [0, 1] });
    const daemon = await startDaemon({ config });
    const caller = async () => {
      for (let i = 0; i < CALLS; i++) {
        await knock({ port, from: '127.0.0.1' });
        await knock({ port, from: '127.0.0.2' });
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const all = CALLERS * CALLS;
    const of = (word: string) => daemon.entries().filter((line) => line.startsWith(`${word}: brief `));
    await waitFor('the last line', () => of('EXIT').length === all && of('FAIL').length === all);
    expect(new Set(of('FAIL'))).toEqual(new Set(['FAIL: brief address from=127.0.0.2']));
    const byPid = new Map<string, string[]>();
    for (const line of daemon.entries()) {
      const [, word = '', pid] = /^(START|EXIT): .*\bpid=(\d+)/.exec(line) ?? [];
      if (pid !== undefined) byPid.set(pid, [...(byPid.get(pid) ?? []), word]);
    }
    const stories = new Set([...byPid.values()].map((words) => words.join(' ').replace(/(START EXIT)( START EXIT)+/, '$1')));
    expect(stories).toEqual(new Set(['START EXIT']));
    expect(of('START')).toHaveLength(all);
  });
});
