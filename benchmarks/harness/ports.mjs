import { readFileSync } from 'node:fs';

const listening = '0A';

/** Local ports of all TCP sockets, those in TIME_WAIT too; `state` as /proc/net/tcp writes it narrows them down. */
function localPorts(state) {
  const ports = new Set();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields.length > 3 && (!state || fields[3] === state)) ports.add(Number.parseInt(fields[1].split(':')[1], 16));
    }
  }
  return ports;
}

/** `count` consecutive ports nothing uses, below the range the kernel takes ephemeral ports from. */
export function freePorts(count) {
  const used = localPorts();
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 12_000 + Math.floor(Math.random() * (20_000 - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (!ports.some((port) => used.has(port))) return ports;
  }
  throw new Error(`no ${count} consecutive free ports found`);
}

export function allListen(ports) {
  const open = localPorts(listening);
  return ports.every((port) => open.has(port));
}
