import type { Command, RouteMap } from '@stricli/core';
import { suggest } from '../../config/suggest.js';
import type { ControlClient } from '../../control/client.js';
import { ConfigError } from '../../errors.js';
import { defineCommand } from '../command.js';
import type { Shell } from '../completion/candidates.js';
import type { Io } from '../io.js';
import { oneLine } from '../printer.js';
import { describeVerbs, type VerbDescription } from '../verbs.js';

/** @param table The verbs to complete; this command is one of them. */
export const completion = (table: () => RouteMap<Io>): Command<Io> =>
  defineCommand<Record<never, never>>({
    summary: 'Print a completion script for bash, zsh or fish',
    description:
      'bash: add source <(superctl completion bash) to ~/.bashrc. zsh: add source <(superctl completion zsh) to ~/.zshrc, after compinit. ' +
      'fish: superctl completion fish > ~/.config/fish/completions/superctl.fish. The scripts ask superd for names of services and numbers of sessions, ' +
      'with superctl completion services and superctl completion sessions.',
    flags: {},
    arguments: [{ name: 'shell', brief: 'bash, zsh or fish' }],
    async run({ control, print }, _flags, [word = '']) {
      await print(word === 'services' || word === 'sessions' ? await liveWords(control, word) : await script(word, table()));
      return 0;
    },
  });

async function script(shell: string, table: RouteMap<Io>): Promise<string> {
  const render = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as Shell] : null;
  if (render !== null) return render(describeVerbs(table));
  const near = suggest(shell, Object.keys(SCRIPTS));
  const hint = near === null ? '; wanted bash, zsh or fish' : `; did you mean ${near}?`;
  throw new ConfigError('usage', `there is no completion for ${shell}${hint}`);
}

const SCRIPTS: Readonly<Record<Shell, (verbs: readonly VerbDescription[]) => Promise<string>>> = {
  bash: async (verbs) => (await import('../completion/bash.js')).bashCompletion(verbs),
  zsh: async (verbs) => (await import('../completion/zsh.js')).zshCompletion(verbs),
  fish: async (verbs) => (await import('../completion/fish.js')).fishCompletion(verbs),
};

/** A line for each: the word, a tab, and what it is. */
async function liveWords(control: ControlClient, kind: 'services' | 'sessions'): Promise<string> {
  const rows =
    kind === 'services'
      ? (await control.call('list', {})).units.map(({ id, state, endpoint }) => [id, `${state} ${endpoint}`])
      : (await control.call('sessions', {})).sessions.map(({ id, service, address }) => [String(id), `${service} ${address ?? ''}`]);
  const distinct = new Map(rows as [string, string][]);
  return [...distinct].map(([word, what]) => `${oneLine(word)}\t${oneLine(what).trim()}\n`).join('');
}
