/** The port of the identification protocol (RFC 1413). */
export const IDENT_PORT = 113;

/** How long an answer is waited for, unless the rules say otherwise. */
export const IDENT_SECONDS = 10;

/** The longest answer that is read: RFC 1413 §4 allows 512 bytes of user name. */
export const IDENT_REPLY_BYTES = 1000;

/** The connection that is asked about: the client's port, and ours. */
export interface IdentPorts {
  readonly client: number;
  readonly server: number;
}

/**
 * Asks who owns the client's end of a connection. Anything but a proper answer is `unknown`.
 *
 * @param exchange Connects to `IDENT_PORT` of the client, from the address that it connected to, sends the query and
 *   resolves to what came back; it keeps the deadline.
 * @example await lookUpUser({ client: 40211, server: 23 }, async (query) => '40211 , 23 : USERID : UNIX : joe\r\n') // 'joe'
 */
export async function lookUpUser(ports: IdentPorts, exchange: (query: string) => Promise<string>): Promise<string> {
  const reply = await exchange(identQuery(ports)).catch(() => '');
  return parseIdentReply(reply, ports) ?? 'unknown';
}

/** @example identQuery({ client: 40211, server: 23 }) // '40211,23\r\n' */
export function identQuery({ client, server }: IdentPorts): string {
  return `${client},${server}\r\n`;
}

const REPLY = /^\s*(\d+)\s*,\s*(\d+)\s*:\s*USERID\s*:[^:]+:\s*(\S{1,255})/;

/** The user of an answer about these ports: its first word, since a user name has no blanks; null when there is none. */
export function parseIdentReply(reply: string, { client, server }: IdentPorts): string | null {
  const match = REPLY.exec(reply);
  return match !== null && Number(match[1]) === client && Number(match[2]) === server ? (match[3] as string) : null;
}
