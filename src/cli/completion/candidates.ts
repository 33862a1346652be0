import type { FlagDescription, VerbDescription } from '../verbs.js';

/** Where the candidates for a value come from: superd, the file system, or nowhere. */
export type ValueKind = 'services' | 'sessions' | 'files' | 'shells' | 'nothing';

const KINDS: Readonly<Record<string, ValueKind>> = { service: 'services', session: 'sessions', file: 'files', shell: 'shells' };

/** What the arguments of a verb are. */
export const argumentKind = ({ arguments: args }: VerbDescription): ValueKind => KINDS[args[0]?.name ?? ''] ?? 'nothing';

/** What the value of a flag is; null for a flag without one. */
export const valueKind = ({ value }: FlagDescription): ValueKind | null => (value === null ? null : (KINDS[value] ?? 'nothing'));

/** `--lines` and `-n`. */
export const spellingsOf = ({ name, letter }: FlagDescription): string[] => [`--${name}`, ...(letter === null ? [] : [`-${letter}`])];

/** The name of a verb in the scripts; empty before one. */
export const routeOf = ({ words }: VerbDescription): string => words.join(' ');

/** How a script gets from one verb, or from none, to the next: by its name or an alias. */
export interface Step {
  readonly from: string;
  readonly spellings: readonly string[];
  readonly verb: VerbDescription;
}

export function steps(verbs: readonly VerbDescription[]): Step[] {
  return verbs.map((verb) => ({
    from: verb.words.slice(0, -1).join(' '),
    spellings: [verb.words.at(-1) as string, ...verb.aliases],
    verb,
  }));
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** One word that the shell does not expand. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
