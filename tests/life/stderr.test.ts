import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection, DatagramClient } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { linesOf } from '../support/lines.js';
import { freePort, freePorts } from '../support/ports.js';
import { descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { reload } from './reloading.js';

function script(text: string): string {
  const path = join(temporaryDirectory(), 'server');
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

const talk = (port: number, text: string, attributes: Attributes = {}) =>
  serviceBlock('talk', { port, server: script(text), cps: [100000, 1], ...attributes });
const said = (daemon: Daemon) => daemon.entries().filter((line) => line.startsWith('STDERR: talk'));

describeWith({ superdOnly: 'xinetd has no stderr' }, 'the error text of a server', () => {
  test('goes to the client without the attribute, as with xinetd', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: talk(port, 'echo answer; echo trouble >&2') });
    expect(await ask({ port })).toBe('answer\ntrouble\n');
    expect(said(daemon)).toEqual([]);
  });

  test('is discarded with stderr = null', async () => {
    const port = await freePort();
    await startDaemon({ config: talk(port, 'readlink /proc/self/fd/2; echo trouble >&2', { stderr: 'null' }) });
    expect(await ask({ port })).toBe('/dev/null\n');
  });

  test('goes to the log with stderr = log, line by line, and not to the client', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: talk(port, 'echo answer; printf "one\\ntwo\\nand no end" >&2', { stderr: 'log' }) });
    expect(await ask({ port })).toBe('answer\n');
    await waitFor('two lines', () => said(daemon).length === 2);
    expect(said(daemon)).toEqual(['STDERR: talk one', 'STDERR: talk two']);
    await reload(daemon, talk(port, 'echo', { stderr: 'client' }));
    await daemon.waitForEntry(/^STDERR: talk and no end$/);
  });

  test('is escaped in a JSON log, so that it cannot forge another line', async () => {
    const port = await freePort();
    const text = 'printf "a\\033[2J\\rSTART: fake\\200\\n" >&2';
    const daemon = await startDaemon({ config: talk(port, text, { stderr: 'log', log_format: 'json' }) });
    await ask({ port });
    const entry = await waitFor('its line', () => linesOf(daemon.serviceLog).find((line) => line.includes('server-said')));
    expect(JSON.parse(entry)).toMatchObject({ event: 'server-said', id: 'talk', text: expect.stringContaining('fake') });
    expect(entry).toMatch(/^[^\x00-\x1f\x7f]*$/);
  });

  test('goes to the program log when the service has no log', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: `defaults\n{\n}\n${talk(port, 'echo trouble >&2', { stderr: 'log' })}` });
    await ask({ port });
    await daemon.waitForWords(/talk +stderr +trouble/);
  });

  test('of a datagram service with wait = yes goes to the log too', async () => {
    const port = await freePort();
    const config = talk(port, 'head -c 1 >/dev/null; echo trouble >&2', {
      stderr: 'log',
      socket_type: 'dgram',
      protocol: 'udp',
      wait: 'yes',
    });
    const daemon = await startDaemon({ config });
    await (await DatagramClient.open()).send('x', port);
    await daemon.waitForEntry(/^STDERR: talk trouble$/);
  });

  test('is logged in part in a flood, blocks neither the server nor superd, and an endless line is cut', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const flood = 'yes trouble | head -n 200000 >&2; head -c 100000 /dev/zero | tr "\\0" x >&2; echo done';
    const calm = serviceBlock('calm', { port: other, server: '/bin/echo', server_args: 'hello' });
    const daemon = await startDaemon({ config: talk(port, flood, { stderr: 'log' }) + calm });
    const answer = ask({ port });
    expect(await ask({ port: other })).toBe('hello\n');
    expect(await answer).toBe('done\n');
    expect(said(daemon).length).toBeLessThan(20_000);
    await reload(daemon, calm);
    await daemon.waitForEntry(/^STDERR: talk \(\d+ lines dropped: more than 500 in a second\)/);
    expect(said(daemon).every((line) => line.length < 1_100)).toBe(true);
  });

  test('costs two descriptors a service, and none when the service is removed', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const calm = serviceBlock('calm', { port: other, server: '/bin/cat' });
    const daemon = await startDaemon({ config: calm });
    const before = descriptorsOf(daemon.pid).size;
    for (let round = 0; round < 5; round++) {
      // With linger_answer superd would keep the connections too.
      await reload(daemon, calm + talk(port, 'echo $$ >&2; exec cat', { stderr: 'log', linger_answer: 0 }));
      const sessions = await Promise.all(Array.from({ length: 10 }, () => Connection.open({ port })));
      await waitFor('ten words', () => said(daemon).length === (round + 1) * 10);
      await waitFor('all of them to have theirs', () => descriptorsOf(daemon.pid).size <= before + 3 + 10);
      for (const session of sessions) session.close();
      await reload(daemon, calm);
      await waitFor('as many as before', () => descriptorsOf(daemon.pid).size <= before);
    }
  });
});
