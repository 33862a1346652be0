import { expect, test } from 'vitest';
import { load } from '../../src/config/load.js';
import { caseDisk, caseLookUp } from './case-world.js';

test('ten thousand services: superd looks each name up once, and each server', async () => {
  const services = Array.from({ length: 10_000 }, (_, i) =>
    [
      `service s${i}`,
      '{',
      'type = UNLISTED',
      'socket_type = stream',
      'wait = no',
      'user = root',
      'groups = yes',
      'server = /bin/cat',
      `port = ${i + 1}`,
      '}',
    ].join('\n'),
  );
  const main = `defaults\n{\nonly_from = host.example 10.0.0.0/8\n}\n${services.join('\n')}`;
  const disk = caseDisk(new Map([['main', main]]));
  const asked: string[][] = [];
  let looks = 0;
  const executable = (path: string) => {
    looks++;
    return disk.executable(path);
  };
  const { plan, diagnostics } = await load({
    path: 'main',
    inetdConf: null,
    lookUp: (questions) => {
      asked.push(questions.map((question) => question.join(' ')));
      return caseLookUp(questions);
    },
    disk: { ...disk, executable },
  });
  expect(diagnostics).toEqual([]);
  expect(plan.services).toHaveLength(10_000);
  expect(asked).toEqual([['user root', 'addresses host.example'], ['groups-of-user root 0']]);
  expect(looks).toBe(1);
  expect(new Set(plan.services.map(({ gate }) => gate.onlyFrom)).size).toBe(1);
});

test('superd finds a loop of thousands of redirections and reports it in one line', async () => {
  const count = 12_000;
  const services = Array.from({ length: count }, (_, i) =>
    [
      `service s${i}`,
      '{',
      'type = UNLISTED',
      'socket_type = stream',
      'wait = no',
      'user = root',
      'bind = 127.0.0.1',
      `port = ${i + 1}`,
      `redirect = 127.0.0.1 ${((i + 1) % count) + 1}`,
      '}',
    ].join('\n'),
  );
  const disk = caseDisk(new Map([['main', services.join('\n')]]));
  const { plan, diagnostics } = await load({ path: 'main', inetdConf: null, lookUp: caseLookUp, disk });
  expect(plan.services).toHaveLength(count - 1);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    'redirect: every connection would come back here through s0 (main:1) and s1 (main:11) and s2 (main:21) and 11996 more without end; write another target',
  ]);
});
