import { existsSync } from 'node:fs';
import { buildCommand, type Command, type FlagParametersForType } from '@stricli/core';
import { ControlClient } from '../control/client.js';
import type { Io } from './io.js';
import { type Look, lookOf } from './terminal.js';

/** What a verb of the control socket has at hand while it runs. */
export interface CommandContext {
  readonly control: ControlClient;
  readonly look: Look;
  /** Data, and nothing else. */
  readonly print: (text: string) => Promise<void>;
  /** Everything else a person may want to know. */
  readonly tell: (text: string) => void;
  readonly context: Io;
}

/** Every verb that prints data has it. */
export interface JsonFlag {
  readonly json: boolean;
}

export const jsonFlag = { kind: 'boolean', default: false, brief: 'Print JSON' } as const;

type OptionWords = { readonly name: string; readonly brief: string; readonly least?: number } | null;

interface Definition<F extends object> {
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly flags: FlagParametersForType<F, Io>;
  /** Single letters for flags. */
  readonly aliases?: Readonly<Record<string, keyof F & string>>;
  /** What the words after the verb are called; null for none. */
  readonly words: OptionWords;
  /** @returns the exit status. */
  run(session: CommandContext, flags: F, words: readonly string[]): Promise<number>;
}

/** A verb that asks superd. */
export function defineCommand<F extends object>({ summary, description, flags, aliases, words, run }: Definition<F>): Command<Io> {
  return buildCommand<F, string[], Io>({
    docs: { brief: summary, ...(description === undefined ? {} : { fullDescription: description }) },
    parameters: {
      flags,
      ...(aliases === undefined ? {} : { aliases: aliases as never }),
      positional: positionalOf(words) as never,
    },
    async func(given, ...args) {
      const context = this as Io;
      this.process.exitCode = await run(sessionOf(context), given, args);
    },
  });
}

function positionalOf(words: OptionWords) {
  if (words === null) return { kind: 'tuple', parameters: [] };
  return { kind: 'array', parameter: { brief: words.brief, parse: String, placeholder: words.name }, minimum: words.least ?? 0 };
}

function sessionOf(context: Io): CommandContext {
  return {
    control: new ControlClient(context.socket ?? usualSocket(context.process.env)),
    look: lookOf(context.screen, context.process.env),
    print: context.print,
    tell: (text) => void context.process.stderr.write(text),
    context,
  };
}

/** A superd of one's own comes before that of the machine. */
function usualSocket(environment: Readonly<Partial<Record<string, string>>>): string {
  const own = `${environment['XDG_RUNTIME_DIR'] ?? ''}/superd/control.sock`;
  return own.startsWith('/') && own !== '/superd/control.sock' && existsSync(own) ? own : '/run/superd/control.sock';
}
