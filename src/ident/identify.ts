import { type Endpoint, IDENT_PORT, IDENT_REPLY_BYTES, type IdentReply, identQuery, readIdentReply } from '../access/index.js';
import { runLater } from '../guarded.js';

/** Why the user is unknown, in the words of xinetd's NOID lines. */
export type UnidentifiedReason = 'no server' | 'timeout' | 'system error' | 'error while receiving response' | 'bad response';

export type Identification =
  | {
      readonly kind: 'identified';
      /** The user's name: the first word. */
      readonly user: string;
      /** The name as access rules match it: text when it is ASCII, otherwise the bytes, in whatever character set the client's host has. */
      readonly userFact: string | Uint8Array;
      /** The whole answer, `UNIX : alice`; untrusted text. */
      readonly text: string;
    }
  | { readonly kind: 'unidentified'; readonly reason: UnidentifiedReason };

/**
 * Asks the client's host which user owns the client's end of a connection (RFC 1413). The query comes from the address that the client
 * connected to.
 *
 * @returns Never rejects.
 * @example await identify({ address: '192.0.2.7', port: 40211 }, { address: '192.0.2.1', port: 23 }, 10_000) // { kind: 'identified', user: 'joe', … }
 */
export async function identify(client: Endpoint, server: Endpoint, deadlineMs: number): Promise<Identification> {
  if (client.address === '' || client.port === undefined || server.address === '' || server.port === undefined)
    return { kind: 'unidentified', reason: 'system error' };
  const ports = { client: client.port, server: server.port };
  try {
    const reply = readIdentReply(await exchange(client.address, server.address, identQuery(ports), deadlineMs), ports);
    return reply === null ? { kind: 'unidentified', reason: 'bad response' } : identified(reply);
  } catch (error) {
    return { kind: 'unidentified', reason: reasonOf(error) };
  }
}

/** @param reply One character a byte. */
function identified({ user, text }: IdentReply): Identification {
  const [name, whole] = [Buffer.from(user, 'latin1'), Buffer.from(text, 'latin1')];
  const isAscii = /^[\x00-\x7f]*$/.test(user);
  return { kind: 'identified', user: name.toString('utf8'), userFact: isAscii ? user : name, text: whole.toString('utf8') };
}

/** Sends one query and returns the reply, up to the end of its line, one character a byte. */
async function exchange(host: string, localAddress: string, query: string, deadlineMs: number): Promise<string> {
  const { connect } = await import('node:net');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: IDENT_PORT, localAddress });
    const late = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
    const timer = runLater(() => socket.destroy(late), deadlineMs);
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

const NO_SERVER = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'];

function reasonOf(error: unknown): UnidentifiedReason {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (code === 'ETIMEDOUT') return 'timeout';
  if (NO_SERVER.includes(code)) return 'no server';
  return syscall === 'read' || syscall === 'write' ? 'error while receiving response' : 'system error';
}
