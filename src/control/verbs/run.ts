import { ConfigError } from '../../errors.js';
import { runCommand } from '../command-units.js';
import { Refused } from '../failure.js';
import { runLines } from '../run-lines.js';
import { boolean, list, object, optional, string } from '../schema.js';
import { commandOutcome } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

/** Not a pattern, and safe as the name of a log file. */
const NAME = /^[A-Za-z0-9][\w@+.:-]{0,63}$/;

export const run = defineVerb({
  name: 'run',
  role: 'admin',
  params: object({
    command: list(string(), 'The path of the program and its arguments, without a shell'),
    name: optional(string('Its name; default: that of the program, with a number if it is taken')),
    directory: optional(string('Its working directory; default: /')),
    environment: optional(list(string(), 'NAME=VALUE')),
    user: optional(string('Its user; only root may choose one; default: the user of the client')),
    set: optional(list(string(), 'ATTRIBUTE=VALUE, as in superd.conf(5)')),
    wait: optional(boolean('false: answer at once, before it is ready')),
  }),
  result: object({
    unit: commandOutcome,
    kept: boolean('Whether the next superd runs it again; false without a state directory'),
  }),
  async run({ command, name, directory = '/', environment = [], user = null, set = [], wait }, { daemon, client }) {
    if (name !== undefined && (!NAME.test(name) || name === 'all'))
      throw new ConfigError(
        'usage',
        `name: wanted letters, digits and any of _ @ + . : -, a letter or digit first, found ${name.slice(0, 80)}`,
      );
    const lines = await runLines({ command, directory, environment, user, set }, client);
    const id = await daemon.run(name ?? null, usualName(command[0] as string), lines);
    const unit = daemon.engine.units().find((one) => one.id === id);
    const kept = daemon.state !== null;
    if (unit === undefined) throw new Refused('gone', `${id} was deleted meanwhile`);
    if (wait === false) return { unit: { id, state: unit.state, error: null }, kept };
    return { unit: await runCommand(unit, (one) => one.start()), kept };
  },
});

/** @example usualName('/srv/app/worker.py') // 'worker' */
function usualName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  const name = base.replace(/[^\w@+.-]/g, '-').slice(0, 50);
  return NAME.test(name) && name !== 'all' ? name : 'command';
}
