import { expect, test } from 'vitest';
import { identQuery, lookUpUser, parseIdentReply, readIdentReply } from './ident.js';

const ports = { client: 40211, server: 23 };

test.each([
  ['40211 , 23 : USERID : UNIX : joe\r\n', 'joe'],
  ['40211,23:USERID:OTHER,utf-8:joe;rm -rf /\r\n', 'joe;rm'],
  ['  40211, 23 :USERID: UNIX :joe', 'joe'],
  ['40211 , 23 : ERROR : NO-USER\r\n', null],
  ['40211 , 22 : USERID : UNIX : joe\r\n', null],
  ['23 , 40211 : USERID : UNIX : joe\r\n', null],
  ['40211 , 23 : USERID :: joe\r\n', null],
  ['', null],
])('%j', (reply, user) => {
  expect(parseIdentReply(reply, ports)).toBe(user);
});

test('no answer is unknown', async () => {
  expect(await lookUpUser(ports, () => Promise.reject(new Error('refused')))).toBe('unknown');
  expect(identQuery(ports)).toBe('40211,23\r\n');
});

test('the text of an answer is one line', () => {
  expect(readIdentReply('40211, 23 : USERID : UNIX, US-ASCII : joe cool \r\nmore', ports)).toEqual({
    user: 'joe',
    text: 'UNIX, US-ASCII : joe cool',
  });
  expect(readIdentReply('40211, 23 : USERID : UNIX :\r\n joe', ports)).toBe(null);
});
