import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { shared } from '../support/at-end.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';

/** Sends bytes to the control socket, no more after them, and returns all that superd answers. */
async function answerTo(daemon: Daemon, bytes: string): Promise<string> {
  const socket = connect({ path: daemon.controlSocket });
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => {});
  socket.end(bytes);
  await once(socket, 'close');
  return answer;
}

const HEAD = 'Host: superd\r\n';

const bad: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ['a path of two slashes', `GET // HTTP/1.1\r\n${HEAD}\r\n`, 404],
  ['a path that is no URL', `GET http://[ HTTP/1.1\r\n${HEAD}\r\n`, 404],
  ['a port that is none', `GET //x:99999999/v1/list HTTP/1.1\r\n${HEAD}\r\n`, 404],
  ['a broken escape in the query', `GET /v1/list?services=%zz HTTP/1.1\r\n${HEAD}\r\n`, 404],
  ['a body that ends early', `POST /v1/stop HTTP/1.1\r\n${HEAD}Content-Length: 50\r\n\r\n{"services":`, 400],
  ['a chunk that ends early', `POST /v1/stop HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{"s`, 400],
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['bytes of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a negative length', `POST /v1/stop HTTP/1.1\r\n${HEAD}Content-Length: -5\r\n\r\n`, 400],
  ['headers without end', `GET /v1/list HTTP/1.1\r\n${HEAD}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['CONNECT', `CONNECT /v1/list HTTP/1.1\r\n${HEAD}\r\n`, 405],
  ['a command without words', `POST /v1/run HTTP/1.1\r\n${HEAD}Content-Length: 14\r\n\r\n{"command":[]}`, 400],
  ['a time that is none', `GET /v1/explain?service=greet&from=127.0.0.1&at=9007199254740991 HTTP/1.1\r\n${HEAD}\r\n`, 200],
];

describeWith({ superdOnly: 'its control socket' }, 'a bad request on the control socket', () => {
  const daemonOf = shared(async () => {
    const config = serviceBlock('greet', { port: await freePort(), server: '/bin/echo', access_times: '0:00-23:59' });
    return startDaemon({ config });
  });

  test.each(bad)('%s gets a status of 4xx, and leaves nothing in the log', async (_, bytes, status) => {
    const answer = await answerTo(daemonOf(), bytes);
    expect(answer.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status !== 200) expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ error: { exitCode: 100 } });
    expect(daemonOf().words).not.toMatch(/internal|\bat .*:\d+:\d+|Error/);
  });

  test('a file of the configuration that is gone is no internal error', async () => {
    rmSync(daemonOf().configFile);
    const answer = await answerTo(daemonOf(), `GET /v1/cat?services=greet HTTP/1.1\r\n${HEAD}\r\n`);
    expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
    expect(answer).toContain('"code":"config-unreadable"');
  });
});
