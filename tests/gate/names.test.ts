import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonKind } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { withMounts } from '../support/mounts.js';
import { makeNetwork, type Namespace } from '../support/namespace.js';
import { describeWith, findProgram, type Needs } from '../support/requirements.js';
import type { Running } from '../support/run.js';
import { environmentOf, reporter, type SelfReport } from '../support/self-report.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { startGuarded } from './tables.js';

const PORT = 7000;
const SERVER = '192.0.2.1';
/** Clients, by what the name servers answer about them. */
const HONEST = '192.0.2.7';
const LYING = '192.0.2.8';
const NAMELESS = '192.0.2.9';
const SILENT = '192.0.2.10';
const HALF = '192.0.2.11';
/** Has a name in hosts(5) alone. */
const LISTED = '192.0.2.12';
const HONEST6 = '2001:db8::7';

const reverse = (address: string) => `${address.split('.').reverse().join('.')}.in-addr.arpa PTR`;
const REVERSE6 = `7.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa PTR`;

const ANSWERS = {
  [reverse(HONEST)]: 'Host.Example.org',
  'host.example.org A': HONEST,
  'host.example.org AAAA': HONEST6,
  [REVERSE6]: 'host.example.org',
  // The owner of an address may give it any name.
  [reverse(LYING)]: 'trusted.example.org',
  'trusted.example.org A': '192.0.2.99',
  // No server answers these.
  [reverse(SILENT)]: null,
  [reverse(HALF)]: 'half.example.org',
  'half.example.org A': null,
  'half.example.org AAAA': null,
};

const here = (name: string) => new URL(name, import.meta.url).pathname;

interface Guard {
  readonly allow?: string;
  readonly deny?: string;
  readonly attributes?: Attributes;
  /** A command prefix for the daemon, put before its other mounts. */
  readonly prefix?: readonly string[];
}

/** Two machines, a name server beside the daemon, and a service that greets. */
async function network({ attributes = {}, prefix = [], ...tables }: Guard) {
  const { server, client } = makeNetwork({
    server: [`${SERVER}/24`, '2001:db8::1/64'],
    client: [...[HONEST, LYING, NAMELESS, SILENT, HALF, LISTED].map((address) => `${address}/24`), `${HONEST6}/64`],
  });
  const names = server.start(process.execPath, [here('name-server.mjs'), JSON.stringify(ANSWERS)]);
  await names.waitForLines(1);
  const files = temporaryDirectory();
  writeFileSync(join(files, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  writeFileSync(join(files, 'hosts'), `127.0.0.1 localhost\n${LISTED} friend friend.lan # of ours\n`);
  const mounts = { '/etc/resolv.conf': join(files, 'resolv.conf'), '/etc/hosts': join(files, 'hosts') };
  const config = serviceBlock('door', { port: PORT, bind: null, server: fixture('greet-then-hold.sh'), ...attributes });
  const guarded = await startGuarded({ ...tables, config, namespace: server, prefix: [...prefix, ...withMounts(mounts)] });
  return { ...guarded, names, client, server };
}

/** One client; its first line is `in` or `out`, once superd has decided. */
function call(client: Namespace, from: string): Running {
  return client.start(fixture('knock.c'), [from, from.includes(':') ? '2001:db8::1' : SERVER, String(PORT), '1']);
}

async function isLetIn(client: Namespace, from: string): Promise<boolean> {
  return (await call(client, from).waitForLines(1))[0] === 'in';
}

const needs: Needs = { root: true, programs: ['gcc'], networkNamespaces: true, mountNamespaces: true };

describeWith(needs, 'rules with names', () => {
  test('accept a name only when it resolves to the address', async () => {
    const { client, daemon } = await network({ allow: 'ALL: .example.org\n', deny: 'ALL: ALL\n' });
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect(await isLetIn(client, LYING)).toBe(false);
    expect(await isLetIn(client, NAMELESS)).toBe(false);
    await daemon.waitForEntry(/^FAIL: door libwrap from=(::ffff:)?192\.0\.2\.8$/);
  });

  test.each([
    ['KNOWN', [true, false, false]],
    ['UNKNOWN', [false, false, true]],
    ['PARANOID', [false, true, false]],
  ])('tell apart %s callers', async (word, expected) => {
    const { client } = await network({ allow: `ALL: ${word}\n`, deny: 'ALL: ALL\n' });
    expect([await isLetIn(client, HONEST), await isLetIn(client, LYING), await isLetIn(client, NAMELESS)]).toEqual(expected);
  });

  test('match a host by its whole name, in upper and lower case', async () => {
    const { client } = await network({ deny: 'ALL: HOST.example.ORG\n' });
    expect(await isLetIn(client, HONEST)).toBe(false);
    expect(await isLetIn(client, NAMELESS)).toBe(true);
  });

  test('take names from hosts(5) without asking a server', async () => {
    const { client, names } = await network({ allow: 'ALL: LOCAL\n', deny: 'ALL: ALL\n' });
    expect(await isLetIn(client, LISTED)).toBe(true);
    expect(await isLetIn(client, HONEST)).toBe(false);
    expect(names.lines).not.toContain(reverse(LISTED));
  });
});

/** Debian's inetutils-telnetd is called telnetd, others are called in.telnetd. */
const telnetd = findProgram('in.telnetd') ?? findProgram('telnetd') ?? 'telnetd';

describeWith({ ...needs, programs: ['gcc', telnetd] }, 'telnetd under rules with names', () => {
  test('admits hosts of one domain, and refuses hosts with a false name', async () => {
    const tables = { allow: 'in.telnetd telnetd: .example.org EXCEPT PARANOID\n', deny: 'ALL: ALL\n' };
    const { client } = await network({ ...tables, attributes: { server: telnetd } });
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect(await isLetIn(client, LYING)).toBe(false);
    expect(await isLetIn(client, NAMELESS)).toBe(false);
  });
});

describeWith({ ...needs, ipv6: true }, 'rules with names of IPv6 hosts', () => {
  test('accept a name that resolves to the address', async () => {
    const { client } = await network({ allow: 'ALL: .example.org\n', deny: 'ALL: ALL\n' });
    expect(await isLetIn(client, HONEST6)).toBe(true);
  });
});

describeWith({ ...needs, superdOnly: 'xinetd does not confirm names for only_from, and has no cache' }, 'names', () => {
  test('can stand in only_from and no_access too', async () => {
    const { client } = await network({ attributes: { only_from: '.example.org', no_access: 'trusted.example.org' } });
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect(await isLetIn(client, LYING)).toBe(false);
    expect(await isLetIn(client, NAMELESS)).toBe(false);
  });

  test('are not looked up twice', async () => {
    const { client, names } = await network({ allow: 'ALL: .example.org: setenv CALLER %n\n', deny: 'ALL: ALL\n' });
    for (let i = 0; i < 3; i++) expect(await isLetIn(client, HONEST)).toBe(true);
    expect(names.lines.filter((line) => line === reverse(HONEST)).length).toBe(1);
  });

  test('are not looked up when no rule needs them', async () => {
    const { client, names } = await network({ deny: 'ALL: 192.0.2.9\nother: .example.org\n' });
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect(names.lines).toEqual(['ready']);
  });

  test('are looked up for commands of rules that use them', async () => {
    const { client } = await network({ allow: 'ALL: ALL: setenv CALLER %n\n', attributes: { server: reporter() } });
    const { stdout } = await client.run('nc', ['-s', HONEST, SERVER, String(PORT)]);
    expect(environmentOf(JSON.parse(stdout) as SelfReport).get('CALLER')).toBe('Host.Example.org');
  });

  test('that no server answers delay only their client, which then has none', async () => {
    const { client, daemon } = await network({ deny: 'ALL: UNKNOWN PARANOID\n' });
    const silent = call(client, SILENT);
    const half = call(client, HALF);
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect([...silent.lines, ...half.lines]).toEqual([]);
    expect(await silent.waitForLines(1)).toEqual(['out']);
    expect(await half.waitForLines(1)).toEqual(['out']);
    await daemon.waitForWords(/the name of 192\.0\.2\.11 is half\.example\.org, which has no address/);
  });
});

/** A command prefix: what follows sees the files of a directory in /etc, also files that the machine does not have. */
function withInEtc(directory: string): string[] {
  const script = 'mount -t overlay overlay -o "lowerdir=$1:/etc" /etc && shift && exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', directory];
}

const canOverlay = spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t overlay overlay -o lowerdir=/bin:/etc /etc']).status === 0;

describeWith(needs, 'rules with netgroups', () => {
  test.skipIf(!canOverlay || daemonKind() === 'xinetd')('match the names of their members', async () => {
    const etc = temporaryDirectory();
    writeFileSync(join(etc, 'netgroup'), 'friends (host.example.org,,) (other,,)\n');
    writeFileSync(join(etc, 'nsswitch.conf'), 'netgroup: files\npasswd: files\ngroup: files\n');
    const { client } = await network({ allow: 'ALL: @friends\n', deny: 'ALL: ALL\n', prefix: withInEtc(etc) });
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect(await isLetIn(client, LYING)).toBe(false);
    expect(await isLetIn(client, LISTED)).toBe(false);
  });
});

describeWith(needs, 'rules with users', () => {
  const rules = { allow: 'ALL: joe@192.0.2.\n', deny: 'ALL: ALL\n' };

  test('ask the client’s host, from the address that the client connected to', async () => {
    const { client } = await network(rules);
    const ident = client.start(process.execPath, [here('ident-server.mjs'), 'joe']);
    await ident.waitForLines(1);
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect((await ident.waitForLines(2))[1]).toBe(`asked from ${SERVER}`);
  });

  test('refuse another user', async () => {
    const { client } = await network(rules);
    await client.start(process.execPath, [here('ident-server.mjs'), 'jane']).waitForLines(1);
    expect(await isLetIn(client, HONEST)).toBe(false);
  });

  test('treat a host without an ident server as a host without users', async () => {
    const { client } = await network({ deny: 'ALL: UNKNOWN@ALL\n' });
    expect(await isLetIn(client, HONEST)).toBe(false);
  });

  test('wait for the time of rfc931', async () => {
    const { client } = await network({ deny: 'ALL: ALL: rfc931 1: deny\n' });
    const ident = client.start(process.execPath, [here('ident-server.mjs'), '-']);
    await ident.waitForLines(1);
    const began = performance.now();
    expect(await isLetIn(client, HONEST)).toBe(false);
    expect(performance.now() - began).toBeGreaterThan(900);
    // Without it, the time of libwrap (RFC931_TIMEOUT, ten seconds).
    expect(performance.now() - began).toBeLessThan(9000);
  });
});

describeWith({ ...needs, superdOnly: 'xinetd forks for each' }, 'clients whose names no server answers', () => {
  test('are refused immediately when too many wait, and other clients are served', async () => {
    const { client, daemon } = await network({ deny: 'ALL: UNKNOWN PARANOID\n', attributes: { cps: [0, 1] } });
    const caller = (count: number, from: string) => client.start(fixture('knock.c'), [from, SERVER, String(PORT), String(count)]);
    const many = caller(600, SILENT);
    await waitFor('some to be refused', () => many.lines.filter((line) => line === 'out').length >= 80);
    expect(await isLetIn(client, NAMELESS)).toBe(false);
    await waitFor('all to be refused', () => many.lines.length === 600);
    expect(await isLetIn(client, HONEST)).toBe(true);
    expect(daemon.running).toBe(true);
  });
});
