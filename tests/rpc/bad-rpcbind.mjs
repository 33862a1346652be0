// Listens in place of rpcbind and answers each call with malformed data of the given kind. Prints a line when it listens.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';

const [, , kind] = process.argv;
const word = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const words = (...values) => Buffer.concat(values.map(word));
const record = (message) => Buffer.concat([word(0x80000000 | message.length), message]);
const success = (xid) => words(xid, 1, 0, 0, 0, 0);

/** Kinds that answer procedure 0 correctly and misbehave later. */
const answers = {
  'nothing-and-end': (socket) => socket.end(),
  'other-call': (socket, xid) => socket.write(record(success(xid + 1))),
  'no-reply': (socket, xid) => socket.write(record(words(xid, 0, 2, 100000, 4, 0))),
  'huge-record': (socket) => socket.write(word(0xffffffff)),
  'empty-fragments': (socket) => {
    const fragments = Buffer.alloc(64 * 1024);
    const pour = () => socket.writable && socket.write(fragments, pour);
    pour();
  },
  'cut-off': (socket, xid) => socket.write(record(words(xid, 1, 0, 0, 400))),
  noise: (socket) => socket.write(randomBytes(4096)),
  'slow-bytes': (socket, xid) => {
    const bytes = record(success(xid));
    let at = 0;
    const timer = setInterval(() => socket.write(bytes.subarray(at, ++at % bytes.length)), 300);
    socket.on('close', () => clearInterval(timer));
  },
  'endless-list': (socket, xid, procedure) => {
    if (procedure === 0) return socket.write(record(success(xid)));
    const entry = words(1, 200123, 1, 0, 0, 0);
    socket.write(Buffer.concat([word(0x40000000), success(xid)]));
    const many = Buffer.concat(Array.from({ length: 4096 }, () => entry));
    const pour = () => socket.writable && socket.write(many, pour);
    pour();
  },
  'long-string': (socket, xid, procedure) =>
    socket.write(record(procedure === 0 ? success(xid) : Buffer.concat([success(xid), words(1, 200123, 1, 0xfffffffc), randomBytes(64)]))),
};

createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => answers[kind](socket, data.readUInt32BE(4), data.readUInt32BE(24)));
}).listen('/run/rpcbind.sock', () => process.stdout.write('ready\n'));
