import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { makeNetwork } from '../support/namespace.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** Three files and the attributes that send them. */
function banners() {
  const directory = temporaryDirectory();
  const at = (name: string) => join(directory, name);
  for (const name of ['banner', 'banner_success', 'banner_fail']) writeFileSync(at(name), `<${name}>\n`);
  const attributes: Attributes = { banner: at('banner'), banner_success: at('banner_success'), banner_fail: at('banner_fail') };
  return { at, attributes };
}

describe('banners', () => {
  test('are sent to every client first, then to admitted clients, before the server writes', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/cat', ...banners().attributes }) });
    expect(await ask({ port }, 'data\n')).toBe('<banner>\n<banner_success>\ndata\n');
  });

  test('are sent to clients refused by address, access rules and limits', async () => {
    const [address = 0, instances = 0] = await freePorts(2);
    const { attributes } = banners();
    const config = [
      serviceBlock('address', { port: address, server: '/bin/cat', no_access: '127.0.0.2', ...attributes }),
      serviceBlock('full', { port: instances, server: '/bin/cat', instances: 0, ...attributes }),
    ].join('\n');
    const daemon = await startDaemon({ config });
    expect(await ask({ port: address, from: '127.0.0.2' })).toBe('<banner>\n<banner_fail>\n');
    expect(await ask({ port: instances })).toBe('<banner>\n<banner_fail>\n');
    await daemon.waitForEntry(/^FAIL: full service_limit from=127\.0\.0\.1$/);
  });

  test('of defaults apply to every service below', async () => {
    const port = await freePort();
    const { at } = banners();
    const defaults = `defaults\n{\n\tbanner_success = ${at('banner_success')}\n}\n`;
    await startDaemon({ config: `${defaults}${serviceBlock('greet', { port, server: '/bin/cat' })}` });
    expect(await ask({ port })).toBe('<banner_success>\n');
  });

  test('are read again when the file has changed, and left out when it is gone', async () => {
    const port = await freePort();
    const { at } = banners();
    const daemon = await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/cat', banner: at('banner') }) });
    expect(await ask({ port })).toBe('<banner>\n');
    writeFileSync(at('banner'), 'another');
    expect(await ask({ port })).toBe('another');
    rmSync(at('banner'));
    for (let i = 0; i < 3; i++) expect(await ask({ port })).toBe('');
    expect(daemon.running).toBe(true);
  });
});

describeWith({ superdOnly: 'xinetd blocks, and has no size limit' }, 'banners of superd', () => {
  test('whose file is missing or a pipe are reported once', async () => {
    const port = await freePort();
    const { at } = banners();
    rmSync(at('banner'));
    execFileSync('mkfifo', [at('pipe')]);
    const attributes = { banner: at('banner'), banner_success: at('pipe') };
    const daemon = await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/cat', ...attributes }) });
    for (let i = 0; i < 3; i++) expect(await ask({ port }, 'data')).toBe('data');
    await daemon.waitForWords(/banner \S+banner: no such file/);
    await daemon.waitForWords(/banner \S+pipe: \S+pipe is not a regular file/);
    expect(daemon.words.match(/no such file/g)).toHaveLength(1);
    expect(daemon.words.match(/not a regular file/g)).toHaveLength(1);
  });

  test('of datagram services and of listeners handed over are reported to have no effect', async () => {
    const [dgram = 0, stream = 0] = await freePorts(2);
    const { attributes } = banners();
    const config = [
      serviceBlock('burst', { port: dgram, socket_type: 'dgram', server: fixture('answer-datagrams.c'), ...attributes }),
      serviceBlock('listener', { port: stream, wait: 'yes', server: fixture('accept-some.c'), ...attributes }),
    ].join('\n');
    const daemon = await startDaemon({ config });
    expect(daemon.words.match(/banner_fail has no effect/g)).toHaveLength(2);
  });

  test('end their clients when the service goes', async () => {
    const port = await freePort();
    const { at } = banners();
    writeFileSync(at('banner'), 'x'.repeat(60_000));
    const daemon = await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/cat', banner: at('banner') }) });
    const client = await Connection.open({ port });
    await waitFor('the banner', () => client.bytes.length === 60_000);
    await daemon.stop();
    await client.waitForEnd();
  });
});

const DEAF = `
import socket, sys, time
deaf = [socket.socket() for _ in range(5)]
for one in deaf:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    one.connect(("192.0.2.1", 7000))
print("connected", flush=True)
sys.stdin.read()
`;

describeWith(
  { root: true, programs: ['python3', 'nc'], networkNamespaces: true, superdOnly: 'xinetd blocks' },
  'clients that do not read',
  () => {
    test('delay no other client with a long banner', async () => {
      const { server, client } = makeNetwork({ server: ['192.0.2.1/24'], client: ['192.0.2.7/24'] });
      const { at } = banners();
      writeFileSync(at('banner'), 'x'.repeat(3_000_000));
      const daemon = await startDaemon({
        config: serviceBlock('greet', { port: 7000, bind: null, server: '/bin/cat', banner: at('banner') }),
        namespace: server,
      });
      await client.start('python3', ['-c', DEAF]).waitForLines(1);
      const { stdout } = await client.run('nc', ['-N', '192.0.2.1', '7000'], { input: 'data' });
      expect(stdout.replace(/^x{65536}/, '')).toBe('data');
      // Before the server of any client that does not read, for which superd waits five seconds.
      await daemon.waitForEntry(/^EXIT/);
      const firstTwo = daemon.entries().slice(0, 2);
      expect(firstTwo.map((line) => line.split(' ')[0])).toEqual(['START:', 'EXIT:']);
    });
  },
);
