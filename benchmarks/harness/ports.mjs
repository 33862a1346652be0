import { readFileSync } from 'node:fs';

const listening = '0A';

/** Local ports of all sockets of a protocol, those in TIME_WAIT too; `state` as /proc/net/tcp writes it narrows them down. */
function localPorts(protocol, state) {
  const ports = new Set();
  for (const table of [protocol, `${protocol}6`]) {
    for (const line of readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields.length > 3 && (!state || fields[3] === state)) ports.add(Number.parseInt(fields[1].split(':')[1], 16));
    }
  }
  return ports;
}

/** `count` consecutive unused ports below the range of ephemeral ports. */
export function freePorts(count) {
  const used = new Set([...localPorts('tcp'), ...localPorts('udp')]);
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 12_000 + Math.floor(Math.random() * (20_000 - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (!ports.some((port) => used.has(port))) return ports;
  }
  throw new Error(`no ${count} consecutive free ports found`);
}

export function allListen(ports) {
  const open = localPorts('tcp', listening);
  return ports.every((port) => open.has(port));
}

/** `freePorts` for UDP. */
export function allBound(ports) {
  const open = localPorts('udp');
  return ports.every((port) => open.has(port));
}
