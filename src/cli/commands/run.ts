import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderOutcomes } from '../render/outcomes.js';
import { waiting } from '../waiting.js';

interface RunFlags extends JsonFlag {
  readonly name?: string;
  readonly user?: string;
  readonly restart?: string;
  readonly replicas?: string;
  readonly env?: readonly string[];
  readonly set?: readonly string[];
  readonly wait: boolean;
}

/** What a command has of the caller's environment, beside what is said with --env. */
const PASSED = ['PATH', 'LANG', 'LC_ALL', 'TZ'] as const;

const said = (brief: string, placeholder: string) => ({ kind: 'parsed', parse: String, optional: true, brief, placeholder }) as const;

export const run = defineCommand<RunFlags>({
  summary: summaries.run,
  description:
    'superctl run -- COMMAND [ARGUMENT]... The command is started without a shell, as whoever asks, in the present directory, with PATH, LANG, LC_ALL and TZ as they are and HOME, SHELL, USER and ' +
    'LOGNAME of its user, and looked after as any resident daemon. It is there, also after a restart of superd, until superctl delete. Prints its name.',
  flags: {
    json: jsonFlag,
    name: said('What it is called; the name of the program if not said', 'name'),
    user: said('As whom, for root', 'user'),
    restart: said('always, on-failure or never', 'when'),
    replicas: said('How many; %i in the command is the index of each', 'number'),
    env: { ...said('Another variable, NAME=VALUE, or NAME for one as it is; may be repeated', 'variable'), variadic: true },
    set: { ...said("Another attribute of superd.conf(5), as 'ready=port 8080'; may be repeated", 'attribute'), variadic: true },
    wait: { kind: 'boolean', default: true, brief: 'Return when it is ready; --no-wait at once' },
  },
  aliases: { j: 'json', n: 'name', e: 'env', s: 'set' },
  words: { name: 'command', brief: 'The program and its arguments, behind --', least: 1 },
  async run(session, { json, name, user, restart, replicas, env = [], set = [], wait }, [program = '', ...args]) {
    const { context, control } = session;
    const asked = control.call('run', {
      command: [findProgram(program, context.process.env['PATH'] ?? ''), ...args],
      directory: process.cwd(),
      environment: environmentOf(context.process.env, env),
      ...(name === undefined ? {} : { name }),
      ...(user === undefined ? {} : { user }),
      set: [...(restart === undefined ? [] : [`restart=${restart}`]), ...(replicas === undefined ? [] : [`replicas=${replicas}`]), ...set],
      wait,
    });
    const { unit, kept } = await waiting(session, `starting ${program}`, asked);
    const { errors, exitCode } = renderOutcomes('run', [unit]);
    session.tell(errors);
    if (exitCode !== 0) session.tell(`superctl delete ${unit.id} takes it away, superctl logs ${unit.id} tells what it said\n`);
    if (!kept) session.tell(`${unit.id} is gone when superd ends: it has no state directory (superd --state)\n`);
    await session.print(json ? `${JSON.stringify(unit, null, 2)}\n` : `${unit.id}\n`);
    return exitCode;
  },
});

/** Where a shell would find it. */
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
