import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { linesOf } from '../support/lines.js';
import { makeNetwork, type Namespace } from '../support/namespace.js';
import { describeWith, type Needs } from '../support/requirements.js';
import { type Attributes, defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const SERVER = '192.0.2.1';
const CLIENT = '192.0.2.7';
const here = (name: string) => new URL(name, import.meta.url).pathname;

const needs: Needs = { root: true, programs: ['gcc', 'oidentd', 'setpriv', 'nc'], networkNamespaces: true };

/** A service that asks for users, on another machine than its clients. */
async function network(attributes: Attributes = {}, log: Attributes = {}) {
  const { server, client } = makeNetwork({ server: [`${SERVER}/24`], client: [`${CLIENT}/24`] });
  const directory = temporaryDirectory();
  const defaults = defaultsBlock({
    log_type: ['FILE', join(directory, 'service.log')],
    log_on_success: ['PID', 'HOST', 'USERID', 'EXIT'],
    log_on_failure: ['HOST', 'USERID'],
    ...log,
  });
  const config = serviceBlock('door', { port: 7000, bind: null, server: '/bin/cat', ...attributes });
  return { client, daemon: await startDaemon({ config, defaults, namespace: server, directory }) };
}

/** A real oidentd, which answers from the kernel's tables of the client's machine. */
async function startOidentd(client: Namespace): Promise<void> {
  client.start('oidentd', ['--foreground', '--nosyslog', '--user', 'root', '--group', 'root']);
  await waitFor('oidentd to listen', async () => (await client.run('ss', ['-Hltn', 'sport = :113'])).stdout !== '');
}

/** A client run by a given user, which ends when the server has ended or it has sent its text. */
const callAs = (client: Namespace, user: string) =>
  client.run('setpriv', [`--reuid=${user}`, '--clear-groups', 'nc', '-N', SERVER, '7000'], { input: 'data' });

const types = (daemon: Daemon) => daemon.entries().map((line) => line.split(' ')[0]);

describeWith(needs, 'USERID, by a real oidentd', () => {
  test('follows START on a separate line, with the answer of the client’s host', async () => {
    const { client, daemon } = await network();
    await startOidentd(client);
    const held = client.start('setpriv', ['--reuid=games', '--clear-groups', fixture('knock.c'), CLIENT, SERVER, '7000', '1']);
    await daemon.waitForEntry(/^USERID: door UNIX ?: ?games$/);
    expect(types(daemon)).toEqual(['START:', 'USERID:']);
    await held.finish();
  });

  test('is required by IDONLY: a client whose host does not answer is refused', async () => {
    const { client, daemon } = await network({ flags: 'IDONLY' });
    expect((await callAs(client, 'games')).stdout).toBe('');
    await daemon.waitForEntry(/^NOID: door (::ffff:)?192\.0\.2\.7 no server$/);
    await startOidentd(client);
    expect((await callAs(client, 'games')).stdout).toBe('data');
    await daemon.waitForEntry(/^USERID: door UNIX ?: ?games$/);
  });
});

describeWith(
  { ...needs, superdOnly: 'xinetd starts the server after the answer, and asks only about some refusals' },
  'USERID in superd',
  () => {
    test('of a refused client follows FAIL', async () => {
      const { client, daemon } = await network({ only_from: '203.0.113.1' });
      await startOidentd(client);
      expect((await callAs(client, 'games')).stdout).toBe('');
      await daemon.waitForEntry(/^USERID/);
      expect(daemon.entries()).toEqual(['FAIL: door address from=192.0.2.7', expect.stringMatching(/^USERID: door UNIX ?: ?games$/)]);
    });

    test('is logged with the reason when IDONLY refuses', async () => {
      const { client, daemon } = await network({ flags: 'IDONLY' });
      expect((await callAs(client, 'games')).stdout).toBe('');
      await daemon.waitForEntry(/^FAIL/);
      expect(daemon.entries()).toEqual(['NOID: door 192.0.2.7 no server', 'FAIL: door ident from=192.0.2.7']);
    });

    test('delays neither the server nor its end', async () => {
      const { client, daemon } = await network();
      await client.start(process.execPath, [here('ident-server.mjs'), '-']).waitForLines(1);
      const began = performance.now();
      expect((await callAs(client, 'games')).stdout).toBe('data');
      // superd waits ten seconds for an answer.
      expect(performance.now() - began).toBeLessThan(9_000);
      await daemon.waitForEntry(/^EXIT/);
      expect(types(daemon)).toEqual(['START:', 'EXIT:']);
    });

    test('delays only a client of IDONLY, until the deadline', async () => {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, 'hosts.allow'), 'ALL: ALL: rfc931 2\n');
      const { client, daemon } = await network({ flags: 'IDONLY' }, { hosts_allow: join(directory, 'hosts.allow') });
      const mute = client.start(process.execPath, [here('ident-server.mjs'), '-']);
      await mute.waitForLines(1);
      const began = performance.now();
      expect((await callAs(client, 'games')).stdout).toBe('');
      expect(performance.now() - began).toBeGreaterThan(1900);
      await mute.waitForLines(2);
      await daemon.waitForEntry(/^NOID: door 192\.0\.2\.7 timeout$/);
    });

    test('is untrusted text, and is escaped in the log', async () => {
      const { client, daemon } = await network();
      const liar = 'joe\\u001b[2J\\u0007 START: door pid=1 from=10.0.0.1';
      await client.start(process.execPath, [here('ident-server.mjs'), JSON.parse(`"${liar}"`)]).waitForLines(1);
      await callAs(client, 'games');
      await daemon.waitForEntry(/^USERID/);
      await daemon.waitForEntry(/^EXIT/);
      expect(daemon.entries().find((line) => line.startsWith('USERID'))).toBe(
        'USERID: door UNIX : joe\\x1b[2J\\x07 START: door pid=1 from=10.0.0.1',
      );
      expect(daemon.entries()).toHaveLength(3);
    });

    test('is user and text in JSON', async () => {
      const { client, daemon } = await network({}, { log_format: 'json' });
      await startOidentd(client);
      const held = client.start('setpriv', ['--reuid=games', '--clear-groups', fixture('knock.c'), CLIENT, SERVER, '7000', '1']);
      const line = await waitFor('the user', () => linesOf(daemon.serviceLog)[1]);
      expect(JSON.parse(line)).toMatchObject({
        event: 'session-identified',
        user: 'games',
        text: expect.stringMatching(/^UNIX ?: ?games$/),
        address: CLIENT,
      });
      await held.finish();
    });

    test('is not asked about clients of the ident service', async () => {
      const { daemon } = await network({ port: 113 });
      expect(daemon.words).toMatch(/auth service: clearing USERID option from log_on_success/);
      expect(daemon.words).toMatch(/auth service: clearing USERID option from log_on_failure/);
    });
  },
);
