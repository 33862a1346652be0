/** The port of the identification protocol (RFC 1413). */
export const IDENT_PORT = 113;

/** How long to wait for an answer, unless the rules set another time. */
export const IDENT_SECONDS = 10;

/** The longest answer to read: RFC 1413 §4 allows 512 bytes of user name. */
export const IDENT_REPLY_BYTES = 1000;

/** The connection in question: the client's port and the server's. */
export interface IdentPorts {
  readonly client: number;
  readonly server: number;
}

/**
 * Asks the client's host which user owns its end of a connection. Anything but a valid answer is `unknown`.
 *
 * @param exchange Connects to `IDENT_PORT` of the client, from the address that the client connected to, sends the query and resolves to
 *   the answer; it enforces the deadline.
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

/** White space as isspace(3) in the C locale: the byte 0xa0 belongs to a name. */
const REPLY =
  /^[ \t\n\v\f\r]*(\d+)[ \t\n\v\f\r]*,[ \t\n\v\f\r]*(\d+)[ \t\n\v\f\r]*:[ \t\n\v\f\r]*USERID[ \t\n\v\f\r]*:[ \t]*([^:\r\n]+:[ \t\v\f]*([^ \t\n\v\f\r]{1,255})[^\r\n]*)/;

/** An answer about these ports: the first word of the user, since a user name has no blanks, and the whole text after USERID. */
export interface IdentReply {
  readonly user: string;
  /** `UNIX : joe` */
  readonly text: string;
}

/**
 * Parses an answer; null for an error, other ports, or malformed text. For an answer with one character a byte, the name has one a byte too.
 *
 * @example readIdentReply('40211 , 23 : USERID : UNIX : joe\r\n', { client: 40211, server: 23 }) // { user: 'joe', text: 'UNIX : joe' }
 */
export function readIdentReply(reply: string, { client, server }: IdentPorts): IdentReply | null {
  const match = REPLY.exec(reply);
  if (match === null || Number(match[1]) !== client || Number(match[2]) !== server) return null;
  return { user: match[4] as string, text: (match[3] as string).trimEnd() };
}

/** The user in an answer about these ports; null without one. */
export function parseIdentReply(reply: string, ports: IdentPorts): string | null {
  return readIdentReply(reply, ports)?.user ?? null;
}
