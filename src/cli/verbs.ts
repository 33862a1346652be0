import type { Command, CommandContext, RouteMap } from '@stricli/core';

/** One verb of superctl, as the help, the manual page and the completions show it. */
export interface VerbDescription {
  /** `['access', 'match']`. */
  readonly words: readonly string[];
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly description: string | null;
  readonly flags: readonly FlagDescription[];
  readonly arguments: readonly ArgumentDescription[];
  /** A word that other verbs follow, as `access`. */
  readonly isGroup: boolean;
}

export interface FlagDescription {
  /** Without its dashes. */
  readonly name: string;
  readonly letter: string | null;
  readonly summary: string;
  /** The name of its value; null for a flag without one. */
  readonly value: string | null;
  /** The value when the flag is not given; null when there is none. */
  readonly initial: string | null;
  readonly isRequired: boolean;
  readonly isRepeated: boolean;
}

export interface ArgumentDescription {
  readonly name: string;
  readonly summary: string;
  readonly isRequired: boolean;
  readonly isRepeated: boolean;
}

/** Every verb of a table, in its order; the verbs of a group follow it. */
export function describeVerbs<C extends CommandContext>(table: RouteMap<C>, before: readonly string[] = []): VerbDescription[] {
  return table.getAllEntries().flatMap(({ name, aliases, target }) => {
    const words = [...before, name['convert-camel-to-kebab']];
    if ('getAllEntries' in target) return [describeGroup(target, words, aliases), ...describeVerbs(target, words)];
    return [describeCommand(target, words, aliases)];
  });
}

function describeGroup<C extends CommandContext>(
  { brief }: RouteMap<C>,
  words: readonly string[],
  aliases: readonly string[],
): VerbDescription {
  return { words, aliases, summary: brief, description: null, flags: [], arguments: [], isGroup: true };
}

export function describeCommand<C extends CommandContext>(
  { brief, fullDescription, parameters }: Command<C>,
  words: readonly string[],
  aliases: readonly string[],
): VerbDescription {
  const description = fullDescription ?? null;
  return { words, aliases, summary: brief, description, flags: flagsOf(parameters), arguments: argumentsOf(parameters), isGroup: false };
}

type Parameters = Command<CommandContext>['parameters'];

function flagsOf({ flags = {}, aliases = {} }: Parameters): FlagDescription[] {
  return Object.entries(flags).map(([name, flag]) => {
    const initial = 'default' in flag && typeof flag.default === 'string' ? flag.default : null;
    return {
      name: kebab(name),
      letter: Object.entries(aliases).find(([, target]) => target === name)?.[0] ?? null,
      summary: flag.brief,
      value: flag.kind === 'boolean' ? null : (('placeholder' in flag ? flag.placeholder : undefined) ?? 'value'),
      initial,
      isRequired: flag.kind !== 'boolean' && flag.optional !== true && initial === null,
      isRepeated: 'variadic' in flag && flag.variadic === true,
    };
  });
}

/** @example kebab('noWait') // 'no-wait' */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function argumentsOf({ positional }: Parameters): ArgumentDescription[] {
  if (positional?.kind !== 'array')
    return (positional?.parameters ?? []).map(({ placeholder, brief }) => argument(placeholder, brief, true, false));
  const { parameter, minimum = 0 } = positional;
  return [argument(parameter.placeholder, parameter.brief, minimum > 0, true)];
}

function argument(name = 'argument', summary: string, isRequired: boolean, isRepeated: boolean): ArgumentDescription {
  return { name, summary, isRequired, isRepeated };
}

/** What may precede the verb. */
export const GLOBAL_FLAGS: readonly FlagDescription[] = [
  globalFlag('socket', 'Use the control socket at this path', 'file'),
  globalFlag('version', 'Show which superd answers', null),
  globalFlag('help', 'Show this help', null),
];

/** Every verb has it, too. */
export const HELP_FLAG: FlagDescription = { ...globalFlag('help', 'Show this help', null), letter: 'h' };

function globalFlag(name: string, summary: string, value: string | null): FlagDescription {
  return { name, letter: null, summary, value, initial: null, isRequired: false, isRepeated: false };
}
