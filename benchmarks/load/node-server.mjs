// The plain alternative to superd: a Node server that starts a process for each connection with child_process.
// Arguments: {"program", "ports", "deny": {"network", "prefix"} | null} as JSON.
import { spawn } from 'node:child_process';
import { BlockList, createServer } from 'node:net';

const { program, ports, deny } = JSON.parse(process.argv[2]);
const refused = new BlockList();
if (deny) refused.addSubnet(deny.network, deny.prefix);

function serve(socket) {
  socket.on('error', () => socket.destroy());
  if (deny && refused.check(socket.remoteAddress ?? '')) {
    socket.destroy();
    return;
  }
  const child = spawn(program, [], { stdio: [socket, socket, socket] });
  child.on('error', () => {});
  socket.destroy();
}

for (const port of ports) {
  createServer({ pauseOnConnect: true }, serve).listen({ host: '127.0.0.1', port, backlog: 512 });
}
