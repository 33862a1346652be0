// A portmapper of version 2, RFC 1833 §3, over one protocol. Prints its table as a line of JSON at the start and at each change.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [, , protocol] = process.argv;
let table = [];
const words = (...values) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * i);
  return bytes;
};
const printTable = () => process.stdout.write(`${JSON.stringify(table.map((one) => one.join(' ')))}\n`);

function answer(call, from) {
  const at = (i) => call.readUInt32BE(4 * i);
  const [xid, program, version, procedure] = [at(0), at(3), at(4), at(5)];
  if (program !== 100000 || version !== 2) return words(xid, 1, 0, 0, 0, 2, 2, 2);
  const success = (...results) => words(xid, 1, 0, 0, 0, 0, ...results);
  if (procedure === 0) return success();
  if (procedure === 4) return success(...table.flatMap((one) => [1, ...one]), 0);
  const mapping = [10, 11, 12, 13].map(at);
  const same = (one, count) => one.slice(0, count).join() === mapping.slice(0, count).join();
  if (from >= 1024) return success(0);
  if (procedure === 1) {
    if (table.some((one) => same(one, 3))) return success(0);
    table.push(mapping);
  } else {
    const rest = table.filter((one) => !same(one, 2));
    if (rest.length === table.length) return success(0);
    table = rest;
  }
  printTable();
  return success(1);
}

if (protocol === 'udp') {
  const socket = createSocket('udp4');
  socket.on('message', (call, { port, address }) => socket.send(answer(call, port), port, address));
  socket.bind(111, printTable);
} else {
  createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const reply = answer(data.subarray(4), socket.remotePort);
      socket.write(Buffer.concat([words(0x80000000 | reply.length), reply]));
    });
  }).listen(111, '0.0.0.0', printTable);
}
