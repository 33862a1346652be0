import { ConfigError } from '../../errors.js';
import type { TablePaths } from './table-files.js';

/** The options that tcpdmatch and tcpdchk share. */
export interface ToolOptions {
  /** null for those of the configuration or the machine. */
  readonly tables: TablePaths | null;
  /** A superd or xinetd configuration, an inetd.conf, or neither. */
  readonly config: { readonly kind: 'superd' | 'inetd'; readonly path: string } | null;
  readonly flags: ReadonlySet<string>;
  readonly words: readonly string[];
}

/** Tables in the current directory, to try them before they are installed. */
const localTables: TablePaths = { allow: 'hosts.allow', deny: 'hosts.deny' };

/**
 * Parses a command line as getopt(3) does, `-d -i FILE` or `-di FILE`, and superd's own `--config FILE`.
 *
 * @param letters The letters of flags without a value.
 * @throws ConfigError `usage` with the program's usage text.
 */
export function parseToolOptions(argv: readonly string[], letters: string, usage: string): ToolOptions {
  const flags = new Set<string>();
  let config: ToolOptions['config'] = null;
  let at = 0;
  const value = (rest: string) => {
    const found = rest === '' ? argv[++at] : rest;
    if (found === undefined) throw new ConfigError('usage', usage);
    return found;
  };
  for (; at < argv.length && /^-./.test(argv[at] as string); at++) {
    const word = argv[at] as string;
    if (word === '--') {
      at++;
      break;
    }
    const long = /^--config(?:=(.*))?$/s.exec(word);
    if (long !== null) {
      config = { kind: 'superd', path: value(long[1] ?? '') };
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string;
      if (letter === 'i') {
        config = { kind: 'inetd', path: value(word.slice(i + 1)) };
        break;
      }
      if (!letters.includes(letter)) throw new ConfigError('usage', usage);
      flags.add(letter);
    }
  }
  return { tables: flags.has('d') ? localTables : null, config, flags, words: argv.slice(at) };
}
