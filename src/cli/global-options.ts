import { ConfigError } from '../errors.js';

/** The options before the verb. */
export interface GlobalOptions {
  readonly socket: string | null;
  /** The verb and what follows it; `list` when there is none. */
  readonly words: readonly string[];
}

/** @example globalOptions(['--socket', '/run/x.sock', 'list']) // { socket: '/run/x.sock', words: ['list'] } */
export function globalOptions(argv: readonly string[]): GlobalOptions {
  let socket: string | null = null;
  let at = 0;
  for (; at < argv.length; at++) {
    const match = /^--socket(?:=(.*))?$/s.exec(argv[at] as string);
    if (match === null) break;
    socket = match[1] ?? argv[++at] ?? '';
    if (socket === '') throw new ConfigError('usage', '--socket wants a value: --socket SOCKET');
  }
  const words = argv.slice(at);
  if (words[0] === '--version') return { socket, words: ['version', ...words.slice(1)] };
  return { socket, words: words.length === 0 || words[0] === '--json' || words[0] === '-j' ? ['list', ...words] : words };
}
