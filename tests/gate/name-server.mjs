// A small name server: answers A, AAAA and PTR from a table, says nothing where the table says null, and prints each question.
// Usage: node name-server.mjs '{"7.2.0.192.in-addr.arpa PTR": "a.example.org", …}'
import { createSocket } from 'node:dgram';

const table = JSON.parse(process.argv[2]);
const TYPES = { 1: 'A', 12: 'PTR', 28: 'AAAA' };
const NAME_ERROR = 3;

const server = createSocket('udp4');
server.on('message', (query, from) => {
  const { name, end } = readName(query, 12);
  const type = query.readUInt16BE(end);
  const question = `${name} ${TYPES[type]}`;
  process.stdout.write(`${question}\n`);
  const answer = table[question];
  if (answer === null) return;
  const asked = query.subarray(12, end + 4);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(answer === undefined ? 0x8180 | NAME_ERROR : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answer === undefined ? 0 : 1, 6);
  server.send(Buffer.concat([header, asked, ...(answer === undefined ? [] : [record(type, answer)])]), from.port, from.address);
});
server.bind(53, '127.0.0.1', () => process.stdout.write('ready\n'));

function readName(message, start) {
  const labels = [];
  let at = start;
  for (; message[at] !== 0; at += message[at] + 1) labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function record(type, answer) {
  const data = type === 12 ? nameBytes(answer) : addressBytes(answer);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // The name of the question.
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function nameBytes(name) {
  return Buffer.concat([...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
}

function addressBytes(text) {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const [front, back = ''] = text.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...front, ...new Array(8 - front.length - back.length).fill('0'), ...back];
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]));
}
