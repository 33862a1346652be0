import { lookup, lookupService } from 'node:dns/promises';
import { connect } from 'node:net';
import {
  confirmName,
  type Endpoint,
  IDENT_PORT,
  IDENT_REPLY_BYTES,
  IDENT_SECONDS,
  lookUpUser,
  type NameLookUps,
} from '../../access/index.js';

/** The machine's own resolver, /etc/hosts included, as libwrap asks it. */
export const systemResolver: NameLookUps = {
  reverse: async (address) => [(await lookupService(address, 0)).hostname],
  forward: async (name) => ({ addresses: (await lookup(name, { all: true })).map((one) => one.address) }),
};

/** The name of one end of a connection; what is wrong with it goes to `complain`. */
export async function nameOf(end: Endpoint, complain: (problem: string) => void): Promise<string> {
  const { name, problem } = await confirmName(end.address, systemResolver);
  if (problem !== '') complain(problem);
  return name;
}

/** Asks the client's host for the user (RFC 1413); `unknown` in every doubt. */
export function userOf(client: Endpoint, server: Endpoint, timeoutSeconds: number | null): Promise<string> | string {
  if (client.port === undefined || server.port === undefined) return 'unknown';
  const deadline = (timeoutSeconds ?? IDENT_SECONDS) * 1000;
  return lookUpUser({ client: client.port, server: server.port }, (query) => exchange(client.address, server.address, query, deadline));
}

function exchange(host: string, localAddress: string, query: string, deadlineMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: IDENT_PORT, localAddress });
    let reply = '';
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), deadlineMs);
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(query));
    socket.on('data', (chunk: string) => {
      reply += chunk;
      if (reply.includes('\n') || reply.length > IDENT_REPLY_BYTES) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(reply);
    });
  });
}
