import type { Bytes } from './bytes.js';
import type { Evaluation, Host } from './evaluation.js';
import { UNKNOWN } from './evaluation.js';

/** libwrap's buffer: a longer expansion ends the server there, and refuses the client here. */
export const LONGEST_EXPANSION = 8190;

/** Every other byte of text that a stranger can choose becomes `_`. */
const UNSAFE = /[^A-Za-z0-9!@%\-_=+:,./]/g;

const sanitise = (text: Bytes) => text.replace(UNSAFE, '_');

/**
 * Replaces the `%` sequences of hosts_access(5). Expansion sanitises the strings of the request for good: later matches and logs see the
 * sanitised text. `%h`, `%c` and `%s` use a host name only after a look-up; `%n`, `%N` and `%u` look it up. An unknown letter vanishes
 * with its `%`; a lone `%` at the end stays.
 *
 * @returns null when the result would be longer than `LONGEST_EXPANSION` bytes.
 */
export function expand(text: Bytes, evaluation: Evaluation): Bytes | null {
  let out = '';
  let from = 0;
  for (let percent = text.indexOf('%'); percent !== -1 && percent + 1 < text.length; percent = text.indexOf('%', from)) {
    out += text.slice(from, percent) + expandLetter(text[percent + 1] as string, evaluation);
    from = percent + 2;
    if (out.length > LONGEST_EXPANSION) return null;
  }
  out += text.slice(from);
  return out.length > LONGEST_EXPANSION ? null : out;
}

/** The letters that may follow `%`; any other gets a warning. */
export const expansionLetters: Readonly<Record<string, string>> = {
  a: 'the address of the client',
  A: 'the address of the server',
  c: 'the client as far as it is known: user@host, user@address, a host name, or an address',
  d: 'the name of the daemon',
  h: "the name of the client's host if it is known, otherwise the address",
  H: "the name of the server's host if it is known, otherwise the address",
  n: 'the name of the client\'s host, or "unknown" or "paranoid"',
  N: 'the name of the server\'s host, or "unknown" or "paranoid"',
  p: 'the process id of the daemon',
  r: 'the port of the client, or 0',
  R: 'the port of the server, or 0',
  s: 'the server as far as it is known: daemon@host, daemon@address, or the name of the daemon',
  u: 'the name of the client\'s user, or "unknown"',
  '%': 'a percent sign',
};

function expandLetter(letter: string, evaluation: Evaluation): Bytes {
  switch (letter) {
    case 'a':
      return expandAddress(evaluation.client);
    case 'A':
      return expandAddress(evaluation.server);
    case 'n':
      return expandName(evaluation.client);
    case 'N':
      return expandName(evaluation.server);
    case 'h':
      return expandHost(evaluation.client, evaluation);
    case 'H':
      return expandHost(evaluation.server, evaluation);
    case 'u':
      return expandUser(evaluation);
    case 'c':
      return expandClient(evaluation);
    case 'd':
      return expandDaemon(evaluation);
    case 's':
      return expandServer(evaluation);
    case 'r':
      return String(evaluation.client.port ?? 0);
    case 'R':
      return String(evaluation.server.port ?? 0);
    case 'p':
      return String(evaluation.pid);
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

function showsName(host: Host, evaluation: Evaluation): boolean {
  evaluation.replayNameLookUps();
  return host.isNameAsked && host.hasUsableName;
}

function expandHost(host: Host, evaluation: Evaluation): Bytes {
  return showsName(host, evaluation) ? expandName(host) : expandAddress(host);
}

const hostSoFar = (host: Host, evaluation: Evaluation) => (showsName(host, evaluation) ? host.name : host.address).text;

function expandUser(evaluation: Evaluation): Bytes {
  const text = sanitise(evaluation.user.text);
  evaluation.storeUser(text);
  return text;
}

function expandDaemon(evaluation: Evaluation): Bytes {
  const text = sanitise(evaluation.daemon.text);
  evaluation.storeDaemon(text);
  return text;
}

function expandClient(evaluation: Evaluation): Bytes {
  const user = evaluation.knownUser;
  if (user === null || user.folded === UNKNOWN) return expandHost(evaluation.client, evaluation);
  return sanitise(`${user.text}@${hostSoFar(evaluation.client, evaluation)}`);
}

function expandServer(evaluation: Evaluation): Bytes {
  const host = hostSoFar(evaluation.server, evaluation);
  if (host.toLowerCase() === UNKNOWN) return expandDaemon(evaluation);
  return sanitise(`${evaluation.daemon.text}@${host}`);
}
