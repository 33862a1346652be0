import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { compileTables, type Decision, decideWith, RequestFacts } from '../../src/access/index.js';
import { identify } from '../../src/ident/identify.js';
import { atEnd } from '../support/at-end.js';
import { describeWith } from '../support/requirements.js';

const IDENT_HOST = '127.113.113.7';
const server = { address: '127.0.0.1', port: 7000 };
const client = { address: IDENT_HOST, port: 40211 };

/** An ident server that answers every query with this user. */
async function identServer(user: Buffer): Promise<void> {
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('40211 , 7000 : USERID : UNIX : '), user, Buffer.from('\r\n')])));
  }).listen(113, IDENT_HOST);
  atEnd(() => void listener.close());
  await once(listener, 'listening');
}

describeWith({ root: true }, 'a user whose name is not ASCII', () => {
  test.each([
    ['UTF-8', Buffer.from('jürgen'), 'jürgen'],
    ['Latin-1', Buffer.from('jürgen', 'latin1'), 'j\ufffdrgen'],
    ['with a no-break space in Latin-1', Buffer.from('j\xa0n', 'latin1'), 'j\ufffdn'],
  ])('matches the same bytes in a rule: %s', async (_, name, shown) => {
    await identServer(name);
    const found = await identify(client, server, 10_000);
    expect(found).toMatchObject({ kind: 'identified', user: shown, text: `UNIX : ${shown}` });
    const deny = { path: 'hosts.deny', content: Buffer.concat([Buffer.from('ALL: '), name, Buffer.from('@ALL\n')]) };
    const tables = compileTables({ allow: { path: 'hosts.allow', content: null }, deny });
    const facts = new RequestFacts({ daemon: 'd', client: { ...client, name: '' }, server: { ...server, name: '' } });
    const decision = (await decideWith(tables, facts, () => (found.kind === 'identified' ? found.userFact : 'unknown'))) as Decision;
    expect(decision.verdict).toBe('deny');
  });
});
