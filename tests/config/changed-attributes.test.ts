import { describe, expect, test } from 'vitest';
import { type AttributeName, attributes } from '../../src/config/attributes/table.js';
import { changedAttributes } from '../../src/config/changed-attributes.js';
import { load } from '../../src/config/load.js';
import type { DaemonPlan, ServicePlan } from '../../src/config/plan.js';
import { caseDisk, caseLookUp } from './case-world.js';

type Block = Readonly<Record<string, string>>;

const REQUEST: Block = { type: 'UNLISTED', port: '4000', socket_type: 'stream', wait: 'no', user: 'root', server: '/bin/cat' };
const DATAGRAM: Block = { ...REQUEST, socket_type: 'dgram', wait: 'yes' };
const REDIRECT: Block = { type: 'UNLISTED', port: '4000', socket_type: 'stream', wait: 'no', user: 'root', redirect: '192.0.2.1 80' };
const RPC: Block = { ...REQUEST, type: 'RPC UNLISTED', rpc_version: '2', rpc_number: '300' };
const MUXED: Block = { type: 'TCPMUX UNLISTED', socket_type: 'stream', wait: 'no', user: 'root', server: '/bin/cat' };
const DAEMON: Block = { activation: 'boot', user: 'root', server: '/bin/cat' };
const LOGGED: Block = { ...REQUEST, log_type: 'FILE /var/log/x 8M' };

/** One change of each attribute, and of some pairs: the block, what is written instead, and the names when they are not just those. */
const CHANGES: readonly (readonly [base: Block, change: Block, names?: readonly AttributeName[]])[] = [
  [REQUEST, { id: 'other' }],
  [{ ...REQUEST, user: '0' }, { user: 'games' }, ['user', 'group']],
  [REQUEST, { group: 'tty' }],
  [{ ...REQUEST, user: 'games' }, { groups: 'yes' }],
  [REQUEST, { server: '/bin/dog' }, ['server', 'libwrap']],
  [{ ...REQUEST, libwrap: 'x', server_args: 'a' }, { server: '/bin/dog' }],
  [REQUEST, { server_args: 'a b' }],
  [{ ...REQUEST, server_args: '"a b"' }, { server_args_quotes: 'no' }, ['server_args']],
  [REQUEST, { env: 'A=1' }],
  [REQUEST, { passenv: 'PATH' }],
  [REQUEST, { directory: '/bin' }],
  [REQUEST, { umask: '027' }],
  [REQUEST, { nice: '5' }],
  [REQUEST, { stderr: 'log' }],
  ...(['as', 'cpu', 'data', 'files', 'rss', 'stack'] as const).map((one) => [REQUEST, { [`rlimit_${one}`]: '64' }] as const),
  [
    { ...REQUEST, rlimit_cpu: '3' },
    { rlimit_as: '64M', rlimit_cpu: '4' },
  ],
  [REQUEST, { port: '4001' }],
  [REQUEST, { bind: '::1' }, ['bind', 'v6only']],
  [{ ...REQUEST, bind: '127.0.0.1' }, { bind: '127.0.0.2' }],
  [REQUEST, { v6only: 'yes' }],
  [REQUEST, { flags: 'IPv4' }],
  [REQUEST, { flags: 'NODELAY KEEPALIVE' }],
  [REQUEST, { flags: 'NORETRY' }],
  [REQUEST, { flags: 'NOLIBWRAP' }],
  [REQUEST, { flags: 'SENSOR' }],
  [{ ...REQUEST, wait: 'yes' }, { flags: 'INTERCEPT' }, ['flags', 'wait']],
  [{ ...REQUEST, log_on_success: 'USERID' }, { flags: 'IDONLY' }],
  [{ ...REQUEST, server_args: 'cat -u' }, { flags: 'NAMEINARGS' }, ['server_args']],
  [DATAGRAM, { protocol: 'udp' }, []],
  [
    { ...REQUEST, type: 'UNLISTED' },
    { protocol: 'sctp', socket_type: 'seqpacket' },
  ],
  [{ ...REQUEST, type: 'UNLISTED' }, { wait: 'yes' }],
  [MUXED, { type: 'TCPMUXPLUS UNLISTED' }],
  [RPC, { rpc_version: '2-4' }],
  [RPC, { rpc_number: '301' }],
  [REQUEST, { type: 'RPC UNLISTED', rpc_version: '2', rpc_number: '300' }, ['type']],
  [REQUEST, { instances: '5' }],
  [REQUEST, { per_source: '5' }],
  [REQUEST, { per_source_prefix: '24:5' }],
  [REQUEST, { rate_per_source: '5/s' }],
  [REQUEST, { limit_exempt: '192.0.2.1' }],
  [REQUEST, { queue: '5 10s' }],
  [REQUEST, { session_limit: '5m' }],
  [REQUEST, { session_idle: '5m' }],
  [{ ...REQUEST, session_idle: '5m' }, { session_limit: '5m' }],
  [REQUEST, { linger_answer: '3s' }],
  [REQUEST, { cps: '5 5' }],
  [REQUEST, { cps: '0 0' }],
  [REQUEST, { cps_scope: 'source' }],
  [REQUEST, { cps: '5 5', cps_scope: 'source' }],
  [REQUEST, { max_load: '2' }],
  [REQUEST, { only_from: '192.0.2.1' }],
  [REQUEST, { no_access: '192.0.2.1' }],
  [REQUEST, { proxy_from: '192.0.2.1' }],
  [REQUEST, { access_times: '8:00-9:00' }],
  [REQUEST, { libwrap: 'x' }],
  [REQUEST, { gate_order: 'xinetd' }],
  [REQUEST, { enforce: 'shadow' }],
  [{ ...REQUEST, flags: 'SENSOR' }, { deny_time: '5' }],
  [REQUEST, { ban_after: '5 in 1m for 1h' }],
  [REQUEST, { banner: '/etc/a' }],
  [REQUEST, { banner_success: '/etc/a' }],
  [{ ...REQUEST, banner: '/etc/a' }, { banner_fail: '/etc/b' }],
  [REQUEST, { log_type: 'SYSLOG daemon' }],
  [LOGGED, { log_type: 'FILE /var/log/y' }],
  [LOGGED, { log_format: 'json' }],
  [LOGGED, { log_keep: '5' }],
  [REQUEST, { log_address: 'hash' }],
  [REQUEST, { log_on_success: 'PID' }],
  [REQUEST, { log_on_failure: 'HOST' }],
  [REDIRECT, { redirect: '192.0.2.2 80' }],
  [REDIRECT, { connect_timeout: '3s' }],
  [REDIRECT, { idle_timeout: '3s' }],
  [REDIRECT, { proxy_protocol: 'v2' }],
  [{ ...REQUEST, wait: 'yes', flags: 'INTERCEPT' }, { idle_timeout: '3s' }],
  [DAEMON, { after: 'other' }],
  [DAEMON, { wants: 'other' }],
  [DAEMON, { needs: 'other' }],
  [DAEMON, { replicas: '2' }],
  [DAEMON, { pidfile: '/run/x' }, ['pidfile', 'ready']],
  [DAEMON, { ready: 'port 80' }],
  [DAEMON, { ready_timeout: '3s' }],
  [DAEMON, { watchdog: '3s' }],
  [DAEMON, { live: 'port 80' }],
  [{ ...DAEMON, live: 'port 80' }, { live: '3s port 80' }],
  [DAEMON, { memory_max: '64M' }],
  [DAEMON, { restart: 'never' }],
  [DAEMON, { restart_delay: '3s' }],
  [DAEMON, { restart_max: '3' }],
  [DAEMON, { essential: 'yes' }],
  [DAEMON, { stop_signal: 'INT' }],
  [DAEMON, { stop_timeout: '3s' }],
  [DAEMON, { reload_signal: 'HUP' }],
  [DAEMON, { reload_exec: '/bin/true' }],
  [DAEMON, { output: 'log' }],
  [DAEMON, { log_keep: '3' }],
];

/** Changes of these appear in other plans, or nowhere: an activation of its own, services switched off, the order of quotes. */
const ELSEWHERE: readonly AttributeName[] = ['activation', 'disable', 'server_args_quotes', 'mdns'];

const namesIn = (change: Block) => Object.keys(change) as AttributeName[];

const text = (block: Block) =>
  `service telnet\n{\n${Object.entries(block)
    .map(([name, value]) => `\t${name} = ${value}\n`)
    .join('')}}\n`;

const OTHER = text({ ...DAEMON, id: 'other' });
const TCPMUX = `service tcpmux\n{\n\tid = mux\n\ttype = INTERNAL UNLISTED\n\tport = 1\n\tsocket_type = stream\n\twait = no\n}\n`;

async function planOf(block: Block): Promise<ServicePlan | DaemonPlan> {
  const files = new Map([['main', text(block) + OTHER + (block['type']?.includes('TCPMUX') === true ? TCPMUX : '')]]);
  const { plan, diagnostics } = await load({ path: 'main', inetdConf: null, lookUp: caseLookUp, disk: caseDisk(files) });
  const found = [...plan.muxed, ...plan.services, ...plan.daemons].find(({ id }) => id !== 'mux');
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return found as ServicePlan | DaemonPlan;
}

describe('a change of one attribute is named by that attribute', () => {
  for (const [base, change, names = namesIn(change)] of CHANGES)
    test(`${JSON.stringify(base)} and ${JSON.stringify(change)}`, async () => {
      const [before, after] = [await planOf(base), await planOf({ ...base, ...change })];
      expect([...changedAttributes(before, after)].sort()).toEqual([...names].sort());
      expect([...changedAttributes(after, before)].sort()).toEqual([...names].sort());
      expect(changedAttributes(before, await planOf(base))).toEqual([]);
    });

  test('and none of a service is left out', () => {
    const changed = CHANGES.flatMap(([, change, names = namesIn(change)]) => names);
    const ofServices = attributes.filter(([name, { where }]) => where !== 'defaults' && !ELSEWHERE.includes(name)).map(([name]) => name);
    expect(ofServices.filter((name) => !changed.includes(name))).toEqual([]);
  });
});

test('every value in a plan of a service comes from an attribute', async () => {
  const claimed = attributes.flatMap(([, { plan }]) => plan.map((claim) => (typeof claim === 'string' ? claim : claim.path)) as string[]);
  // Places in the text, and the constant length of the kernel's queue.
  const none = ['origin', 'gate.origins', 'activation', 'endpoint.backlog'];
  const known = (path: string) =>
    [...claimed, ...none].some((one) => path === one || path.startsWith(`${one}.`) || one.startsWith(`${path}.`));
  const leaves = (value: unknown, path: string): string[] =>
    typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Set
      ? [path]
      : Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
  const full = { ...REQUEST, banner: '/etc/a', session_limit: '5m', log_type: 'SYSLOG daemon', queue: '5 10s', flags: 'SENSOR' };
  const plans = [full, REDIRECT, RPC, MUXED, DAEMON, { ...REQUEST, wait: 'yes', flags: 'INTERCEPT' }].map(planOf);
  const unclaimed = (await Promise.all(plans)).flatMap((plan) => leaves(plan, '')).filter((path) => !known(path));
  expect([...new Set(unclaimed)]).toEqual([]);
});

test('every attribute has a section of the manual and a text', () => {
  for (const [name, { section, doc }] of attributes) expect([name, section, doc]).not.toContain('');
});
