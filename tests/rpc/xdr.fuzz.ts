import { test } from 'vitest';
import type { Channel } from '../../src/rpc/channel.js';
import { RpcError } from '../../src/rpc/channel.js';
import { parseUniversalAddress } from '../../src/rpc/mapping.js';
import { decodeReply } from '../../src/rpc/message.js';
import { portmap } from '../../src/rpc/portmap-v2.js';
import { encodeRecord, RecordReader } from '../../src/rpc/record.js';
import { rpcbind } from '../../src/rpc/rpcbind-v3.js';
import { XdrError, XdrWriter } from '../../src/rpc/xdr.js';
import { fuzz, mangle } from '../support/fuzz.js';

const XID = 7;
const success = () => new XdrWriter().uint(XID).uint(1).uint(0).uint(0).uint(0).uint(0);
const REPLIES = [
  success().uint(1).bytes(),
  success().uint(1).uint(100005).uint(3).string('tcp').string('192.0.2.1.3.5').string('superd').uint(0).bytes(),
  success().uint(1).uint(100005).uint(3).uint(6).uint(773).uint(0).bytes(),
  new XdrWriter().uint(XID).uint(1).uint(1).uint(1).uint(5).bytes(),
];

/** A channel on which this reply comes. */
const channelOf = (reply: Buffer) =>
  ({
    target: { kind: 'unix', path: '/run/rpcbind.sock' },
    close: () => {},
    call: async () => decodeReply(XID, reply) ?? { kind: 'no-program' },
  }) as unknown as Channel;

test('XDR: any reply of rpcbind is read, or is malformed', async () => {
  const programs = new Set([100005]);
  await fuzz('XDR', async (dice, describe) => {
    const reply = mangle(dice, dice.pick(REPLIES));
    describe(reply.toString('hex'));
    parseUniversalAddress(reply.toString('latin1'));
    const reader = new RecordReader(() => {});
    const protocol = dice.oneIn(2) ? portmap(channelOf(reply)) : rpcbind(channelOf(reply), 4);
    try {
      reader.push(mangle(dice, encodeRecord(reply)));
      await protocol.list(programs);
    } catch (error) {
      if (!(error instanceof XdrError) && !(error instanceof RpcError)) throw error;
    }
  });
});
