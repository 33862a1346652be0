import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection, DatagramClient, knock } from '../support/client.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { childrenOf, descendantsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { startGuarded } from './tables.js';

const HELLO = 'hello\n';
/** How many commands superd runs at once for one service and purpose: see docs/gate.md. */
const AT_ONCE = 4;

async function greeter(tables: { allow?: string; deny?: string }, attributes: Attributes = {}) {
  const port = await freePort();
  const config = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', cps: [0, 1], ...attributes });
  return { port, ...(await startGuarded({ ...tables, config })) };
}

/** Connects so often, and returns the largest number of processes that superd had meanwhile. */
async function flood(port: number, pid: number, count: number): Promise<number> {
  let most = 0;
  for (let i = 0; i < count; i++) {
    expect(await knock({ port, from: '127.0.0.7' })).toBe('closed');
    if (i % 10 === 0) most = Math.max(most, descendantsOf(pid).length);
  }
  return most;
}

describeWith({ superdOnly: 'xinetd forks for each client' }, 'a flood of refused clients', () => {
  test('runs only a few commands of its rule at once, and is refused without waiting for them', async () => {
    const { port, daemon } = await greeter({ deny: 'ALL: 127.0.0.7: spawn sleep 1000\n' });
    const most = await flood(port, daemon.pid, 200);
    await waitFor('the commands', () => descendantsOf(daemon.pid).length >= AT_ONCE);
    // Each command is a shell, and perhaps its sleep.
    expect(Math.max(most, descendantsOf(daemon.pid).length)).toBeLessThanOrEqual(2 * AT_ONCE);
    expect(await knock({ port })).toBe(HELLO);
  });

  test('runs no more of them when the rule puts them into the background with &', async () => {
    // The number makes these processes different from all others.
    const seconds = `3.${process.pid}`;
    const { port } = await greeter({ deny: `ALL: 127.0.0.7: spawn (exec sleep ${seconds}) &\n` });
    for (let i = 0; i < 100; i++) expect(await knock({ port, from: '127.0.0.7' })).toBe('closed');
    await waitFor('the commands', () => countProcesses(['sleep', seconds]) === AT_ONCE);
  });

  test('does not keep the commands of admitted clients from running', async () => {
    const { port, daemon } = await greeter({ allow: 'ALL: 127.0.0.2: aclexec true\n', deny: 'ALL: 127.0.0.7: spawn sleep 1000\n' });
    await flood(port, daemon.pid, 100);
    expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
  });

  test('is reported once when its rule has a mistake', async () => {
    const { port, daemon } = await greeter({ deny: 'ALL: 127.0.0.7: severity loud\n' });
    await flood(port, daemon.pid, 50);
    // The report of the start says what happens to the clients of the rule, and the one of the flood does not.
    const reportOfFlood = /error .*hosts\.deny:1: (?!.*clients that match this rule are refused)/;
    await daemon.waitForWords(reportOfFlood);
    const problems = daemon.words.split('\n').filter((line) => reportOfFlood.test(line));
    expect(problems.length).toBe(1);
  });
});

/** How many processes of the machine have exactly this command line. */
function countProcesses(argv: readonly string[]): number {
  const wanted = `${argv.join('\0')}\0`;
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid) === wanted).length;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

describeWith({ superdOnly: 'xinetd decides in a process for each client' }, 'clients whose rule runs a command first', () => {
  test('count as instances meanwhile, so that the limit holds', async () => {
    const { port, daemon } = await greeter(
      { allow: 'ALL: ALL: spawn sleep 0.5\n' },
      { instances: 2, server: fixture('greet-then-hold.sh') },
    );
    const callers = await Promise.all(Array.from({ length: 6 }, () => Connection.open({ port })));
    await waitFor('all to be decided', () => callers.every((one) => one.text !== '' || one.ending !== null));
    expect(callers.filter((one) => one.text !== '').length).toBe(2);
    await daemon.waitForEntry(/^FAIL: greet service_limit from=127\.0\.0\.1$/);
  });

  test('are refused when too many wait', async () => {
    const { port } = await greeter({ allow: 'ALL: ALL: spawn sleep 1\n' });
    const callers = await Promise.all(Array.from({ length: 90 }, () => Connection.open({ port })));
    await waitFor('some to be refused', () => callers.filter((one) => one.ending !== null && one.text === '').length >= 90 - 64 - AT_ONCE);
    await waitFor('some to be let in', () => callers.filter((one) => one.text === HELLO).length >= AT_ONCE);
    for (const one of callers) one.close();
  });

  test('do not keep superd from ending', async () => {
    const { port, daemon } = await greeter({ allow: 'ALL: ALL: spawn sleep 1000\n' });
    const caller = await Connection.open({ port });
    await waitFor('the command', () => childrenOf(daemon.pid).length > 0);
    daemon.signal('SIGTERM');
    // A command may take half a minute.
    expect(await within('superd to end', daemon.exited, 20_000)).toEqual({ code: 0, signal: null });
    await caller.waitForEnd();
  });

  test('are closed when a reload removes the service meanwhile', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const kept = serviceBlock('other', { port: other, server: '/bin/echo', server_args: 'hello' });
    const config = kept + serviceBlock('greet', { port, server: '/bin/cat' });
    const { daemon } = await startGuarded({ config, deny: 'cat: ALL: aclexec sleep 1000\n' });
    const caller = await Connection.open({ port });
    await waitFor('the command', () => childrenOf(daemon.pid).length > 0);
    writeFileSync(daemon.configFile, readFileSync(daemon.configFile, 'utf8').replace(/^service greet\n\{[^}]*\}\n/m, ''));
    daemon.signal('SIGHUP');
    expect(await caller.readToEnd(20_000)).toBe('');
    await daemon.waitForWords(/Reconfigured: new=0 old=1 dropped=1/);
    await waitFor('the command to be gone', () => childrenOf(daemon.pid).length === 0);
    expect(await knock({ port: other })).toBe(HELLO);
  });
});

describeWith({ superdOnly: 'the messages are those of superd' }, 'the program log', () => {
  test('names the rule that refused, at the level of the rule', async () => {
    const { port, daemon } = await greeter({ deny: '# first\nALL: 127.0.0.7: severity auth.crit\nALL: 127.0.0.8\n' });
    await ask({ port, from: '127.0.0.7' });
    await ask({ port, from: '127.0.0.8' });
    await daemon.waitForWords(/greet +refused +127\.0\.0\.7:\d+ +wrappers +\/.*hosts\.deny:2/);
    await daemon.waitForWords(/greet +refused +127\.0\.0\.8:\d+ +wrappers +\/.*hosts\.deny:3/);
  });

  test('has twists, and admissions by a rule with a level', async () => {
    const { port, daemon } = await greeter({ allow: 'ALL: 127.0.0.2: severity notice\n', deny: 'ALL: ALL: twist /bin/echo no\n' });
    await ask({ port, from: '127.0.0.2' });
    await ask({ port, from: '127.0.0.3' });
    await daemon.waitForWords(/notice +greet: connect from 127\.0\.0\.2/);
    await daemon.waitForWords(/info +greet: twist 127\.0\.0\.3 to \/bin\/echo no/);
  });

  test('has the mistakes in the tables when superd starts and when they change', async () => {
    const guarded = await greeter({ deny: 'ALL\n' });
    await guarded.daemon.waitForWords(/hosts\.deny:1: \S/);
    guarded.allow('# fine\n# not fine');
    await knock({ port: guarded.port });
    await guarded.daemon.waitForWords(/hosts\.allow:2: .*the last line does not end in a newline/);
  });

  test('has the rule in JSON lines', async () => {
    const log = join(temporaryDirectory(), 'json.log');
    const { port } = await greeter({ deny: 'ALL: ALL\n' }, { log_type: ['FILE', log], log_format: 'json' });
    await ask({ port });
    await waitFor('the line', () => existsSync(log) && /"reason":"wrappers","rule":"\/.*hosts\.deny:1"/.test(readFileSync(log, 'utf8')));
  });
});

describeWith(
  { programs: ['gcc'], superdOnly: 'libwrap gives the command the same datagram repeatedly' },
  'a service with wait = yes',
  () => {
    test('refuses the sender of a rule with twist, and applies options that need no connection', async () => {
      const port = await freePort();
      const out = join(temporaryDirectory(), 'out');
      const server = { socket_type: 'dgram', server: fixture('answer-datagrams.c'), server_args: 1 };
      const { daemon } = await startGuarded({
        allow: `ALL: 127.0.0.8: spawn echo %a > ${out}: setenv WHO friend: banners /nowhere\n`,
        deny: 'ALL: ALL: twist /bin/echo no\n',
        config: serviceBlock('answer', { port, ...server }),
      });
      const stranger = await DatagramClient.open('127.0.0.7');
      const friend = await DatagramClient.open('127.0.0.8');
      await stranger.send('let me in', port);
      await daemon.waitForEntry(/^FAIL: answer libwrap from=127\.0\.0\.7$/);
      await friend.send('$WHO', port);
      expect((await friend.waitForCount(1)).map((text) => text.replace(/^\d+ /, ''))).toEqual(['friend']);
      expect(readFileSync(out, 'utf8')).toBe('127.0.0.8\n');
      await daemon.waitForWords(/answer: banner: the service has no connection/);
      expect(stranger.received).toEqual([]);
    });
  },
);
