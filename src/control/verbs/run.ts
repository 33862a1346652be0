import { ConfigError } from '../../errors.js';
import { outcomeOf } from '../command-units.js';
import { Refused } from '../failure.js';
import { runLines } from '../run-lines.js';
import { boolean, list, object, optional, string } from '../schema.js';
import { commandOutcome } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

/** A word that is no pattern, and a file of its own among the logs. */
const NAME = /^[A-Za-z0-9][\w@+.:-]{0,63}$/;

export const run = defineVerb({
  name: 'run',
  role: 'admin',
  params: object({
    command: list(string(), 'The path of the program and its arguments; no shell sees them'),
    name: optional(string('What it is called; that of the program if not said, with a number where it is taken')),
    directory: optional(string('Its working directory; / if not said')),
    environment: optional(list(string(), 'NAME=VALUE')),
    user: optional(string('As whom, for root; otherwise, and if not said, as the caller')),
    set: optional(list(string(), 'ATTRIBUTE=VALUE, as in a configuration')),
    wait: optional(boolean('false: answer at once')),
  }),
  result: object({
    unit: commandOutcome,
    kept: boolean('Whether the next superd runs it as well: one without a state directory keeps nothing'),
  }),
  async run({ command, name, directory = '/', environment = [], user = null, set = [], wait }, { daemon, caller }) {
    if (name !== undefined && (!NAME.test(name) || name === 'all'))
      throw new ConfigError(
        'usage',
        `name: wanted letters, digits and any of _ @ + . : -, a letter or digit first, found ${name.slice(0, 80)}`,
      );
    const lines = await runLines({ command, directory, environment, user, set }, caller);
    const id = await daemon.run(name ?? null, usualName(command[0] as string), lines);
    const unit = daemon.engine.units().find((one) => one.id === id);
    const kept = daemon.state !== null;
    if (unit === undefined) throw new Refused('gone', `${id} has been deleted meanwhile`);
    if (wait === false) return { unit: { id, state: unit.state, error: null }, kept };
    return { unit: await outcomeOf(unit, (one) => one.start()), kept };
  },
});

/** @example usualName('/srv/app/worker.py') // 'worker' */
function usualName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  const name = base.replace(/[^\w@+.-]/g, '-').slice(0, 50);
  return NAME.test(name) && name !== 'all' ? name : 'command';
}
