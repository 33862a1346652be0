import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';
import { ATTACKER } from './attacker.js';

/**
 * A server that starts shares superd's memory until execve, and belongs to its user as soon as setuid is done: a signal of that user would make
 * the kernel write superd's memory into a core dump.
 */
describeWith({ root: true, programs: ['gcc', 'prlimit'], superdOnly: 'xinetd forks' }, 'a server between clone and execve', () => {
  test('leaves no core dump when its user becomes its owner; its program has the limit of superd', async () => {
    const port = await freePort();
    const config = serviceBlock('cat', { server: '/bin/cat', user: ATTACKER.name, port });
    const daemon = await startDaemon({ config, prefix: ['prlimit', '--core=1048576:2097152', fixture('watch-starts.c')] });
    expect(await ask({ port }, 'hello')).toBe('hello');
    const seen = (call: string) => daemon.words.split('\n').filter((line) => line.startsWith(`${call} `));
    await waitFor('the start to be seen', () => seen('setuid').length > 0, { evidence: () => daemon.account() });
    expect(seen('setuid')).toEqual(['setuid 1 2097152']);
    expect(seen('execve').at(-1)).toBe('execve 1048576 2097152');
  });
});
