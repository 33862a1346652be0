import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'vitest';
import { failureOf } from '../../src/control/failure.js';
import { readRequest } from '../../src/control/request.js';
import { streams, verbs } from '../../src/control/verbs/table.js';
import type { Dice } from '../access/dice.js';
import { fuzz, mangle } from '../support/fuzz.js';

const NAMES = Object.keys({ ...verbs, ...streams });
const WORDS = [
  'services',
  'service',
  'from',
  'lines',
  'at',
  'follow',
  'types',
  'source',
  'seconds',
  '__proto__',
  'constructor',
  'toString',
];
const VALUES: readonly unknown[] = [
  'greet',
  '*',
  '',
  'all',
  0,
  -1,
  1e300,
  true,
  null,
  [],
  ['echo'],
  {},
  [[[]]],
  '\0',
  '\ud800',
  9007199254740991,
];

const target = (dice: Dice) =>
  `${dice.pick(['', 'http://superd', '//', 'http://['])}/v1/${dice.pick(NAMES)}${dice.oneIn(2) ? `?${dice.pick(WORDS)}=${String(dice.pick(VALUES))}` : ''}`;

const body = (dice: Dice) => JSON.stringify(Object.fromEntries(dice.times(0, 4, () => [dice.pick(WORDS), dice.pick(VALUES)])));

test('control: any request is one of the verbs, or the fault of the client', async () => {
  await fuzz('control', async (dice, describe) => {
    const url = mangle(dice, Buffer.from(target(dice))).toString('latin1');
    const text = dice.oneIn(2) ? Buffer.from(body(dice)) : mangle(dice, Buffer.from(body(dice)));
    const method = dice.pick(['GET', 'POST', 'POST', 'PUT', '']);
    describe({ method, url, body: text.toString('latin1') });
    try {
      await readRequest(Object.assign(Readable.from([text]), { method, url }) as unknown as IncomingMessage);
    } catch (error) {
      if (failureOf(error).isInternal) throw error;
    }
  });
});
