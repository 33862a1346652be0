import { expect, test } from 'vitest';
import { readIdentReply } from '../../src/access/index.js';
import { fuzz, mangle } from '../support/fuzz.js';

const REPLIES = ['40211 , 23 : USERID : UNIX : joe\r\n', '40211,23:ERROR:NO-USER\r\n', ' 40211\t, 23 : USERID:OTHER ,x:a b c\n'].map(
  (one) => Buffer.from(one),
);

test('ident: any answer is a user of at most 255 bytes without white space, or none', async () => {
  await fuzz('ident', (dice, describe) => {
    const reply = mangle(dice, dice.pick(REPLIES)).toString('latin1');
    describe(reply);
    const read = readIdentReply(reply, { client: 40211, server: 23 });
    if (read !== null) expect(read.user).toMatch(/^[^ \t\n\v\f\r]{1,255}$/);
  });
});
