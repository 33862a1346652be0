// An identification server (RFC 1413) that says the same user of everybody, or never answers. Usage: node ident-server.mjs USER|-
import { createServer } from 'node:net';

const [, , user] = process.argv;
createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (query) => {
    process.stdout.write(`asked from ${socket.remoteAddress}\n`);
    if (user !== '-') socket.end(`${query.toString().trim().replace(',', ' , ')} : USERID : UNIX : ${user}\r\n`);
  });
}).listen(113, '0.0.0.0', () => process.stdout.write('ready\n'));
