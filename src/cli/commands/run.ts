import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, switchFlag, valueFlag } from '../command.js';
import { withProgress } from '../progress.js';
import { renderOutcomes } from '../render/outcomes.js';

interface RunFlags extends JsonFlag {
  readonly name?: string;
  readonly user?: string;
  readonly restart?: string;
  readonly replicas?: string;
  readonly env?: readonly string[];
  readonly set?: readonly string[];
  readonly noWait: boolean;
}

/** Variables of the caller that a command gets without --env. */
const PASSED = ['PATH', 'LANG', 'LC_ALL', 'TZ'] as const;

export const run = defineCommand<RunFlags>({
  summary: summaries.run,
  description:
    'Put the command after --: superctl run -- COMMAND [ARGUMENT]... It runs without a shell, as the caller, in the current directory, supervised like any resident daemon. ' +
    'It gets PATH, LANG, LC_ALL and TZ of the caller, and HOME, SHELL, USER and LOGNAME of its user. ' +
    'superd keeps it, also across restarts, until superctl delete. Prints the name of the new service.',
  flags: {
    json: jsonFlag,
    name: valueFlag('Name of the service (default: that of the program)', 'name'),
    user: valueFlag('Run as this user; only root may', 'user'),
    restart: valueFlag('When to restart it: always, on-failure or never', 'when'),
    replicas: valueFlag('Number of replicas; %i in the command is the index of each', 'number'),
    env: { ...valueFlag('Set a variable, NAME=VALUE, or pass one on, NAME', 'variable'), variadic: true },
    set: { ...valueFlag("Set an attribute of superd.conf(5), as 'ready=port 8080'", 'attribute'), variadic: true },
    noWait: switchFlag('Return immediately'),
  },
  letters: { n: 'name', e: 'env', s: 'set' },
  arguments: [{ name: 'command', brief: 'The program and its arguments, after --', count: 'some' }],
  async run(context, { json, name, user, restart, replicas, env = [], set = [], noWait }, [program = '', ...args]) {
    const environment = context.io.process.env;
    const answer = context.control.call('run', {
      command: [findProgram(program, environment['PATH'] ?? ''), ...args],
      directory: process.cwd(),
      environment: environmentOf(environment, env),
      ...(name === undefined ? {} : { name }),
      ...(user === undefined ? {} : { user }),
      set: [...(restart === undefined ? [] : [`restart=${restart}`]), ...(replicas === undefined ? [] : [`replicas=${replicas}`]), ...set],
      wait: !noWait,
    });
    const { unit, kept } = await withProgress(context, `starting ${program}`, answer);
    const { errors, exitCode } = renderOutcomes('run', [unit]);
    context.note(errors);
    if (exitCode !== 0) context.note(`superctl logs ${unit.id} shows its output, superctl delete ${unit.id} removes it\n`);
    if (!kept) context.note(`${unit.id} ends with superd, which keeps no state directory (superd --state)\n`);
    await context.print(json ? jsonText(unit) : `${unit.id}\n`);
    return exitCode;
  },
});

/** The program that a shell would run. */
function findProgram(program: string, path: string): string {
  if (program.includes('/')) return resolve(program);
  const found = path
    .split(':')
    .map((directory) => resolve(directory, program))
    .find(isProgram);
  if (found === undefined) throw new ConfigError('usage', `there is no program ${program} in PATH`);
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function environmentOf(own: Readonly<Partial<Record<string, string>>>, more: readonly string[]): string[] {
  const variable = (word: string) => (word.includes('=') ? [word] : own[word] === undefined ? [] : [`${word}=${own[word]}`]);
  return [...PASSED, ...more].flatMap(variable);
}
