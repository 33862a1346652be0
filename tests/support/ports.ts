import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Above 11211, which some tests use, and below the ports that the kernel gives to clients (ip_local_port_range, from 32768). */
const FIRST = 12_000;
const LAST = 32_000;

/** How many ports a process reserves at a time. */
const BLOCK = 32;

/** Reserved by this process and not handed out yet. */
const left: number[] = [];

/**
 * A port on which nothing listens, TCP or UDP, IPv4 or IPv6. No port is handed out twice, neither to this test file nor to another one, in
 * this run or another: a test that has a port may listen on it only later, or only at times.
 *
 * @example const port = await freePort()
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = left.pop();
    if (port === undefined) left.push(...(await takeBlock()));
    else if ((await isFreeForTcp(port)) && (await isFreeForUdp(port))) return port;
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** Reserves a block: an abstract unix socket, which the kernel removes with this process, marks it as taken. */
async function takeBlock(): Promise<number[]> {
  for (;;) {
    const first = FIRST + BLOCK * Math.floor((Math.random() * (LAST - FIRST)) / BLOCK);
    const holder = createServer().listen(`\0superd-tests-have-ports-from-${first}`).unref();
    try {
      await once(holder, 'listening');
      return Array.from({ length: BLOCK }, (_, i) => first + i);
    } catch {
      // Another process has it.
    }
  }
}

async function isFreeForTcp(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
