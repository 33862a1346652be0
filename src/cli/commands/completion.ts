import type { Command, RouteMap } from '@stricli/core';
import { suggest } from '../../config/suggest.js';
import type { ControlClient } from '../../control/client.js';
import { ConfigError } from '../../errors.js';
import { defineCommand } from '../command.js';
import type { CompletedVerb, Shell } from '../completion/verbs.js';
import type { Io } from '../io.js';
import { plain } from '../top/columns.js';

/** @param table The verbs to complete: the table that this command is itself a part of. */
export const completion = (table: () => RouteMap<Io>): Command<Io> =>
  defineCommand<Record<never, never>>({
    summary: 'Print the script that a shell completes superctl by',
    description:
      'bash: put source <(superctl completion bash) into ~/.bashrc; zsh: source <(superctl completion zsh) into ~/.zshrc, behind compinit; ' +
      'fish: superctl completion fish > ~/.config/fish/completions/superctl.fish. Names of services and numbers of sessions are asked of superd, ' +
      'which is what superctl completion services, and sessions, print.',
    flags: {},
    words: { name: 'shell', brief: 'bash, zsh or fish', least: 1 },
    async run({ control, print }, _flags, [word = '']) {
      await print(word === 'services' || word === 'sessions' ? await live(control, word) : await script(word, table()));
      return 0;
    },
  });

async function script(word: string, table: RouteMap<Io>): Promise<string> {
  const render = Object.hasOwn(SCRIPTS, word) ? SCRIPTS[word as Shell] : null;
  if (render === null) {
    const near = suggest(word, Object.keys(SCRIPTS));
    throw new ConfigError(
      'usage',
      `there is no completion for ${word}${near === null ? '; wanted bash, zsh or fish' : `; did you mean ${near}?`}`,
    );
  }
  const { completedVerbs } = await import('../completion/verbs.js');
  return render(completedVerbs(table));
}

const SCRIPTS: Readonly<Record<Shell, (verbs: readonly CompletedVerb[]) => Promise<string>>> = {
  bash: async (verbs) => (await import('../completion/bash.js')).bashCompletion(verbs),
  zsh: async (verbs) => (await import('../completion/zsh.js')).zshCompletion(verbs),
  fish: async (verbs) => (await import('../completion/fish.js')).fishCompletion(verbs),
};

/** A word, a tab and what it is, a line each. */
async function live(control: ControlClient, kind: 'services' | 'sessions'): Promise<string> {
  const rows =
    kind === 'services'
      ? (await control.call('list', {})).units.map(({ id, state, endpoint }) => [id, `${state} ${endpoint}`])
      : (await control.call('sessions', {})).sessions.map(({ id, service, address }) => [String(id), `${service} ${address ?? ''}`]);
  const once = new Map(rows as [string, string][]);
  return [...once].map(([word, what]) => `${plain(word)}\t${plain(what).trim()}\n`).join('');
}
