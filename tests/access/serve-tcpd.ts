import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Mounts, withMounts } from '../support/mounts.js';
import { temporaryDirectory } from '../support/temporary.js';

/** superd's own tcpd. */
export const ownTcpd = new URL('../../bin/tcpd', import.meta.url).pathname;

export interface Served {
  readonly reply: string;
  readonly status: number | null;
  readonly pid: number;
  readonly milliseconds: number;
}

/**
 * Connects a client over loopback to tcpd, started as inetd starts it: the connection on 0 to 2, the server's name as argv[0].
 */
export async function serve(
  tables: { allow?: string; deny?: string },
  argv: readonly [string, ...string[]],
  program = ownTcpd,
): Promise<Served> {
  const directory = temporaryDirectory();
  const mounts: Record<string, string> = {};
  for (const table of ['allow', 'deny'] as const) {
    writeFileSync(join(directory, table), tables[table] ?? '');
    mounts[`/etc/hosts.${table}`] = join(directory, table);
  }
  const [client, server] = await connectedPair();
  const started = performance.now();
  const child = startOn(server, mounts, argv, program);
  server.destroy();
  let reply = '';
  client.setEncoding('utf8');
  client.on('data', (chunk: string) => {
    reply += chunk;
  });
  // The output stays readable after the end of the process.
  const heard = once(client, 'close');
  const [status] = (await once(child, 'exit')) as [number | null];
  await heard;
  return { reply, status, pid: child.pid as number, milliseconds: performance.now() - started };
}

/** sh replaces itself at each step, so the process keeps its number from here to the server; perl can set argv[0]. */
function startOn(socket: Socket, mounts: Mounts, [name, ...args]: readonly [string, ...string[]], program: string) {
  const [command, ...rest] = [...withMounts(mounts), 'perl', '-e', 'exec { $ARGV[0] } @ARGV[1..$#ARGV]', program, name, ...args];
  // Variables of the test runner, not of tcpd.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SUPERD_')));
  return spawn(command as string, rest, { stdio: [socket, socket, socket], env });
}

async function connectedPair(): Promise<[client: Socket, server: Socket]> {
  const listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address() as { port: number };
  const accepted = once(listener, 'connection');
  const client = connect(address.port, '127.0.0.1');
  await once(client, 'connect');
  const [server] = (await accepted) as [Socket];
  listener.close();
  return [client, server];
}
