import type { Command, CommandContext, RouteMap } from '@stricli/core';

/** What can be written after superctl, as shells complete it. */
export interface CompletedVerb {
  /** Its words: `['access', 'match']`. */
  readonly words: readonly string[];
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  readonly takes: ValueKind;
}

export interface CompletedFlag {
  readonly name: string;
  readonly letter: string | null;
  readonly summary: string;
  /** Of its value; null for a flag without one. */
  readonly takes: ValueKind | null;
}

/** What superd can be asked for, what is a file, and what nobody can guess. */
export type ValueKind = 'services' | 'sessions' | 'files' | 'shells' | 'nothing';

const KINDS: Readonly<Record<string, ValueKind>> = { service: 'services', session: 'sessions', file: 'files', shell: 'shells' };

/** By the word that stands for a value in the help. */
const kindOf = (placeholder: string | undefined): ValueKind => KINDS[placeholder ?? ''] ?? 'nothing';

/** Every verb of a table of commands, with those below a verb behind it. */
export function completedVerbs<C extends CommandContext>(table: RouteMap<C>, before: readonly string[] = []): CompletedVerb[] {
  return table
    .getAllEntries()
    .filter(({ hidden }) => !hidden)
    .flatMap(({ name, aliases, target }) => {
      const words = [...before, name['convert-camel-to-kebab']];
      const head = { words, aliases, summary: target.brief };
      if ('getAllEntries' in target) return [{ ...head, flags: [], takes: 'nothing' as const }, ...completedVerbs(target, words)];
      return [{ ...head, flags: flagsOf(target), takes: takenBy(target) }];
    });
}

function takenBy<C extends CommandContext>({ parameters: { positional } }: Command<C>): ValueKind {
  if (positional === undefined) return 'nothing';
  return kindOf((positional.kind === 'array' ? positional.parameter : positional.parameters[0])?.placeholder);
}

function flagsOf<C extends CommandContext>({ parameters: { flags = {}, aliases = {} } }: Command<C>): CompletedFlag[] {
  return Object.entries(flags).map(([name, flag]) => {
    const letter = Object.entries(aliases).find(([, target]) => target === name)?.[0] ?? null;
    const isSwitch = flag.kind === 'boolean';
    const isOff = isSwitch && 'default' in flag && flag.default === true;
    return {
      name: isOff ? `no-${kebab(name)}` : kebab(name),
      letter: isOff ? null : letter,
      summary: flag.brief,
      takes: isSwitch ? null : kindOf('placeholder' in flag ? flag.placeholder : undefined),
    };
  });
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What may stand before the verb. */
export const GLOBAL_FLAGS: readonly CompletedFlag[] = [
  { name: 'socket', letter: null, summary: 'Ask the superd that answers there', takes: 'files' },
  { name: 'version', letter: null, summary: 'Tell which superd answers', takes: null },
  { name: 'help', letter: null, summary: 'Show help', takes: null },
];

/** The route of a verb in a script; empty before one. */
export const routeOf = ({ words }: CompletedVerb): string => words.join(' ');

/** The routes that a script may go next, and how each is written there: by name or alias. */
export function steps(
  verbs: readonly CompletedVerb[],
): { readonly from: string; readonly spellings: readonly string[]; readonly verb: CompletedVerb }[] {
  return verbs.map((verb) => ({
    from: verb.words.slice(0, -1).join(' '),
    spellings: [verb.words.at(-1) as string, ...verb.aliases],
    verb,
  }));
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** As one word that no shell looks into. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
