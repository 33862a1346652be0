import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { nameOf, userOf } from '../../src/cli/access/network-facts.js';
import { describeWith } from '../support/requirements.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An ident server on the port of RFC 1413, on an unused loopback address. */
async function identServer(host: string, answer: (query: string, socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (query: string) => answer(query, socket));
  }).listen(113, host);
  servers.push(server);
  await once(server, 'listening');
}

const client = { address: '127.113.0.2', port: 40_211 };
const server = { address: '127.113.0.1', port: 23 };

describeWith({ root: true }, 'the user at the client’s end of a connection', () => {
  test('the query comes from the address that the client connected to, and names both ports', async () => {
    const seen: string[] = [];
    await identServer(client.address, (query, socket) => {
      seen.push(`${socket.remoteAddress} ${JSON.stringify(query)}`);
      socket.end('40211 , 23 : USERID : UNIX : joe\r\n');
    });
    expect(await userOf(client, server, null)).toBe('joe');
    expect(seen).toEqual(['127.113.0.1 "40211,23\\r\\n"']);
  });

  test('an answer about other ports, an endless one, or none counts as unknown', async () => {
    let replies = 0;
    await identServer(client.address, (_, socket) => {
      replies++;
      if (replies === 1) socket.end('40212 , 23 : USERID : UNIX : joe\r\n');
      else if (replies === 2) socket.write('x'.repeat(2000));
    });
    expect(await userOf(client, server, 5)).toBe('unknown');
    expect(await userOf(client, server, 5)).toBe('unknown');
    expect(await userOf(client, server, 3)).toBe('unknown');
    expect(replies).toBe(3);
  });

  test('an unreachable ident server counts as unknown', async () => {
    expect(await userOf({ address: '127.113.0.3', port: 1 }, server, 5)).toBe('unknown');
  });
});

test('confirms a name of the machine itself', async () => {
  const problems: string[] = [];
  expect(await nameOf({ address: '127.0.0.1' }, (problem) => problems.push(problem))).toBe('localhost');
  expect(problems).toEqual([]);
});
