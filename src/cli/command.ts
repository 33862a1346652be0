import { existsSync } from 'node:fs';
import { buildCommand, buildRouteMap, type Command, type FlagParametersForType, type RouteMap } from '@stricli/core';
import { ControlClient } from '../control/client.js';
import { MACHINE_SOCKET, usualControlSockets } from '../control/usual-places.js';
import { groupHelp, verbHelp } from './help.js';
import type { Io } from './io.js';
import { type OutputStyle, outputStyleOf } from './terminal.js';
import { describeCommand, describeVerbs } from './verbs.js';

/** What a command works with. */
export interface CommandContext {
  readonly control: ControlClient;
  readonly style: OutputStyle;
  /** Writes data to standard output. */
  readonly print: (text: string) => Promise<void>;
  /** Writes bytes as they are. All other output goes through the printer, which makes it safe to show. */
  readonly printRaw: (bytes: Uint8Array) => Promise<void>;
  /** Writes what is no data to standard error. */
  readonly note: (text: string) => void;
  readonly io: Io;
}

/** Every command that prints data has it. */
export interface JsonFlag {
  readonly json: boolean;
}

export const jsonFlag = { kind: 'boolean', default: false, brief: 'Print JSON' } as const;

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A switch that is off unless it is given. */
export const switchFlag = (brief: string) => ({ kind: 'boolean', default: false, withNegated: false, brief }) as const;

/** A flag with a value that need not be given. */
export const valueFlag = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, optional: true, brief, placeholder }) as const;

/** Words after the verb: one, at least one (`some`), or any number. */
export interface CommandArgument {
  readonly name: string;
  readonly brief: string;
  readonly count?: 'one' | 'some' | 'any';
}

export const someServices: CommandArgument = { name: 'service', brief: 'Names or ids, patterns with * and ?, or all', count: 'some' };
export const anyServices: CommandArgument = { name: 'service', brief: 'Names or ids, patterns with * and ? (default: all)', count: 'any' };

interface CommandDefinition<F extends object> {
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly flags: FlagParametersForType<F, Io>;
  /** Flags by their letters; `j` for `json` is understood. */
  readonly letters?: Readonly<Record<string, keyof F & string>>;
  /** None, one that may be repeated, or several that must each be given once. */
  readonly arguments: readonly CommandArgument[];
  /** @returns the exit status. */
  run(context: CommandContext, flags: F, args: readonly string[]): Promise<number>;
}

export function defineCommand<F extends object>({
  summary,
  description,
  flags,
  letters,
  arguments: words,
  run,
}: CommandDefinition<F>): Command<Io> {
  const command = buildCommand<F, string[], Io>({
    docs: { brief: summary, ...(description === undefined ? {} : { fullDescription: description }) },
    parameters: {
      flags,
      aliases: { ...('json' in flags ? { j: 'json' } : {}), ...letters } as never,
      positional: positionalOf(words) as never,
    },
    async func(given, ...args) {
      this.process.exitCode = await run(contextOf(this as Io), given, args);
    },
  });
  const formatHelp: typeof command.formatHelp = ({ prefix, aliases }) => verbHelp(describeCommand(command, prefix.slice(1), aliases ?? []));
  return { ...command, formatHelp };
}

/** Verbs below one word, or all of superctl's. */
export function defineGroup(
  summary: string,
  routes: Readonly<Record<string, Command<Io> | RouteMap<Io>>>,
  aliases: Readonly<Record<string, string>> = {},
): RouteMap<Io> {
  const map = buildRouteMap<string, Io>({ routes, aliases, docs: { brief: summary } });
  const formatHelp: typeof map.formatHelp = ({ prefix }) => groupHelp(prefix.slice(1), summary, describeVerbs(map, prefix.slice(1)));
  return { ...map, formatHelp };
}

function positionalOf(words: readonly CommandArgument[]) {
  const parameters = words.map(({ name, brief }) => ({ brief, parse: String, placeholder: name }));
  const count = words[0]?.count ?? 'one';
  if (count === 'one') return { kind: 'tuple', parameters };
  return { kind: 'array', parameter: parameters[0], minimum: count === 'some' ? 1 : 0 };
}

function contextOf(io: Io): CommandContext {
  return {
    control: new ControlClient(io.socket ?? usualSocket(io.process.env)),
    style: outputStyleOf(io.screen, io.process.env),
    print: io.print,
    printRaw: io.printRaw,
    note: (text) => void io.process.stderr.write(text),
    io,
  };
}

/** The socket of the user's own superd, else that of the machine. */
function usualSocket(environment: Readonly<Partial<Record<string, string>>>): string {
  return usualControlSockets(environment).find((path) => existsSync(path)) ?? MACHINE_SOCKET;
}
