import { type Endpoint, IDENT_PORT, IDENT_REPLY_BYTES, IDENT_SECONDS, lookUpUser } from '../../access/index.js';

/** The rules may ask for less patience, not for more. */
const MOST_SECONDS = 60;

/**
 * Asks the client's host which user has the client's end of a connection (RFC 1413), from the very address that was called.
 *
 * @returns The user's name, `unknown` in every doubt. Never rejects.
 */
export async function identUser(client: Endpoint, server: Endpoint, timeoutSeconds: number | null): Promise<string> {
  const { address, port } = client;
  if (address === '' || port === undefined || server.address === '' || server.port === undefined) return 'unknown';
  const deadlineMs = Math.min(timeoutSeconds ?? IDENT_SECONDS, MOST_SECONDS) * 1000;
  return lookUpUser({ client: port, server: server.port }, (query) => exchange(address, server.address, query, deadlineMs));
}

async function exchange(host: string, localAddress: string, query: string, deadlineMs: number): Promise<string> {
  const { connect } = await import('node:net');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: IDENT_PORT, localAddress });
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), deadlineMs);
    let reply = '';
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
