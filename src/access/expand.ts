import type { Asking, Host } from './asking.js';
import { UNKNOWN } from './asking.js';
import type { Bytes } from './bytes.js';

/** libwrap's buffer: a longer expansion ends the process that asked, which here refuses the client. */
export const LONGEST_EXPANSION = 8190;

/** Every other byte of what a stranger can choose becomes `_`. */
const UNSAFE = /[^A-Za-z0-9!@%\-_=+:,./]/g;

const sanitise = (text: Bytes) => text.replace(UNSAFE, '_');

/**
 * Replaces the `%` sequences of hosts_access(5). Expanded text is sanitised, and stays so: what is matched or logged later
 * sees the sanitised strings. `%h`, `%c` and `%s` take a host name only if one has been looked up before; `%n`, `%N` and `%u`
 * look up. An unknown letter vanishes with its `%`; a lone `%` at the end stays.
 *
 * @returns null when the result would be longer than `LONGEST_EXPANSION` bytes.
 */
export function expand(text: Bytes, asking: Asking): Bytes | null {
  let out = '';
  let from = 0;
  for (let percent = text.indexOf('%'); percent !== -1 && percent + 1 < text.length; percent = text.indexOf('%', from)) {
    out += text.slice(from, percent) + expandLetter(text[percent + 1] as string, asking);
    from = percent + 2;
    if (out.length > LONGEST_EXPANSION) return null;
  }
  out += text.slice(from);
  return out.length > LONGEST_EXPANSION ? null : out;
}

/** The letters that `%` may stand before; anything else is a mistake worth a warning. */
export const expansionLetters: Readonly<Record<string, string>> = {
  a: 'the address of the client',
  A: 'the address of the server',
  c: 'what is known of the client: user@host, user@address, a host name, or an address',
  d: 'the name of the daemon',
  h: "the name of the client's host if it is known, otherwise the address",
  H: "the name of the server's host if it is known, otherwise the address",
  n: 'the name of the client\'s host, or "unknown" or "paranoid"',
  N: 'the name of the server\'s host, or "unknown" or "paranoid"',
  p: 'the process id of the daemon',
  r: 'the port of the client, or 0',
  R: 'the port of the server, or 0',
  s: 'what is known of the server: daemon@host, daemon@address, or the name of the daemon',
  u: 'the name of the client\'s user, or "unknown"',
  '%': 'a percent sign',
};

function expandLetter(letter: string, asking: Asking): Bytes {
  switch (letter) {
    case 'a':
      return expandAddress(asking.client);
    case 'A':
      return expandAddress(asking.server);
    case 'n':
      return expandName(asking.client);
    case 'N':
      return expandName(asking.server);
    case 'h':
      return expandHost(asking.client, asking);
    case 'H':
      return expandHost(asking.server, asking);
    case 'u':
      return expandUser(asking);
    case 'c':
      return expandClient(asking);
    case 'd':
      return expandDaemon(asking);
    case 's':
      return expandServer(asking);
    case 'r':
      return String(asking.client.port ?? 0);
    case 'R':
      return String(asking.server.port ?? 0);
    case 'p':
      return String(asking.pid);
    case '%':
      return '%';
    default:
      return '';
  }
}

function expandAddress(host: Host): Bytes {
  const text = sanitise(host.address.text);
  host.storeAddress(text);
  return text;
}

function expandName(host: Host): Bytes {
  const text = sanitise(host.name.text);
  host.storeName(text);
  return text;
}

function showsName(host: Host, asking: Asking): boolean {
  asking.settleNames();
  return host.nameIsAsked && host.hasUsableName;
}

function expandHost(host: Host, asking: Asking): Bytes {
  return showsName(host, asking) ? expandName(host) : expandAddress(host);
}

const hostSoFar = (host: Host, asking: Asking) => (showsName(host, asking) ? host.name : host.address).text;

function expandUser(asking: Asking): Bytes {
  const text = sanitise(asking.user.text);
  asking.storeUser(text);
  return text;
}

function expandDaemon(asking: Asking): Bytes {
  const text = sanitise(asking.daemon.text);
  asking.storeDaemon(text);
  return text;
}

function expandClient(asking: Asking): Bytes {
  const user = asking.userSoFar;
  if (user === null || user.folded === UNKNOWN) return expandHost(asking.client, asking);
  return sanitise(`${user.text}@${hostSoFar(asking.client, asking)}`);
}

function expandServer(asking: Asking): Bytes {
  const host = hostSoFar(asking.server, asking);
  if (host.toLowerCase() === UNKNOWN) return expandDaemon(asking);
  return sanitise(`${asking.daemon.text}@${host}`);
}
