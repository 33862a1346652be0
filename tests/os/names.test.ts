import { expect, test } from 'vitest';
import { lookUp } from '../../src/os/names.js';

test('answers every kind of question, by name and by number', async () => {
  const answers = await lookUp(
    [
      ['user', 'root'],
      ['user', 0],
      ['group', 'root'],
      ['group', 0],
      ['service', 'ssh', 'tcp'],
      ['service', 22, 'tcp'],
      ['protocol', 'udp'],
      ['protocol', 17],
      ['rpc', 'portmapper'],
      ['rpc', 100000],
      ['network', 'loopback'],
      ['addresses', '127.0.0.1'],
      ['addresses', '::ffff:127.0.0.1'],
    ],
    20_000,
  );
  const root = { kind: 'user', name: 'root', uid: 0, gid: 0, directory: '/root', shell: '/bin/bash' };
  const group = { kind: 'group', name: 'root', gid: 0 };
  const service = { kind: 'service', name: 'ssh', port: 22, protocol: 'tcp' };
  const protocol = { kind: 'protocol', name: 'udp', number: 17 };
  const rpc = { kind: 'rpc', name: 'portmapper', number: 100000 };
  const network = { kind: 'network', name: 'loopback', address: '127.0.0.0' };
  const addresses = { kind: 'addresses', addresses: ['127.0.0.1'] };
  expect(answers).toEqual([root, root, group, group, service, service, protocol, protocol, rpc, rpc, network, addresses, addresses]);
});

test('the groups of a user include the given one', async () => {
  const [answer] = await lookUp([['groups-of-user', 'root', 4242]], 20_000);
  expect(answer).toMatchObject({ kind: 'groups-of-user', gids: expect.arrayContaining([4242]) });
});

test('localhost has addresses, each once', async () => {
  const [answer] = await lookUp([['addresses', 'localhost']], 20_000);
  if (answer?.kind !== 'addresses') throw new Error('no addresses');
  expect(answer.addresses).toContain('127.0.0.1');
  expect(new Set(answer.addresses).size).toBe(answer.addresses.length);
});

test('unknown names are null, in their places', async () => {
  const answers = await lookUp(
    [
      ['user', 'no-such-user'],
      ['group', 'root'],
      ['service', 'no-such-service', 'tcp'],
      ['network', 'no-such-net'],
    ],
    20_000,
  );
  expect(answers.map((answer) => answer?.kind ?? null)).toEqual([null, 'group', null, null]);
});

test('a late answer is a time-out, not an unknown name', async () => {
  const many = Array.from({ length: 2000 }, () => ['user', 'root'] as const);
  const answers = await lookUp(many, 0);
  expect(answers).toHaveLength(2000);
  expect(answers.at(-1)).toEqual({ kind: 'unanswered', errno: 110 });
});

test('an unknown kind of question throws', async () => {
  await expect(lookUp([['colour', 'red'] as never], 1000)).rejects.toThrow(TypeError);
});
