import { expect, test } from 'vitest';
import { decodeReply } from './message.js';
import { encodeRecord, RecordReader } from './record.js';
import { XdrError, XdrReader, XdrWriter } from './xdr.js';

/** The same numbers in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const REPLIES = [
  new XdrWriter().uint(7).uint(1).uint(0).uint(0).string('verifier').uint(0).uint(1).bytes(),
  new XdrWriter().uint(7).uint(1).uint(0).uint(0).uint(0).uint(2).uint(2).uint(4).bytes(),
  new XdrWriter().uint(7).uint(1).uint(1).uint(1).uint(5).bytes(),
];

test('a corrupted reply is a reply, a reply to another call, or an XdrError', () => {
  const roll = dice(1);
  for (let i = 0; i < 20_000; i++) {
    const reply = Buffer.from(REPLIES[roll(REPLIES.length)] as Buffer);
    for (let changes = roll(4); changes > 0; changes--) reply[roll(reply.length)] = roll(256);
    const cut = reply.subarray(0, roll(reply.length + 1));
    try {
      decodeReply(7, cut);
    } catch (error) {
      expect(error).toBeInstanceOf(XdrError);
    }
  }
});

test('records survive any chunking of the stream', () => {
  const roll = dice(2);
  const messages = Array.from({ length: 50 }, () => Buffer.alloc(roll(5000), roll(256)));
  const wire = Buffer.concat(messages.map(encodeRecord));
  const found: Buffer[] = [];
  const reader = new RecordReader((message) => found.push(message));
  for (let at = 0; at < wire.length; ) {
    const end = Math.min(wire.length, at + 1 + roll(700));
    reader.push(wire.subarray(at, end));
    at = end;
  }
  expect(found.map((one) => one.toString('hex'))).toEqual(messages.map((one) => one.toString('hex')));
});

test('an endless record is refused, in one fragment or in many empty ones', () => {
  const huge = new RecordReader(() => {});
  expect(() => huge.push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow(XdrError);
  const empty = new RecordReader(() => {});
  expect(() => empty.push(Buffer.alloc(64 * 1024))).toThrow(XdrError);
});

test('XDR that RFC 4506 does not allow is rejected', () => {
  expect(() => new XdrReader(Buffer.from([0, 0, 0, 2])).bool()).toThrow(XdrError);
  expect(() => new XdrReader(Buffer.from([0, 0, 0, 1, 65, 1, 0, 0])).string(8)).toThrow(XdrError);
  expect(() => new XdrReader(Buffer.from([0, 0, 0, 9, 65])).string(8)).toThrow(XdrError);
  const whole = new XdrReader(new XdrWriter().string('tcp6').bytes());
  expect(whole.string(8)).toBe('tcp6');
  whole.end();
});
