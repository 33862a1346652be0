import { constants } from 'node:os';
import { ConfigError } from '../../errors.js';
import { resolveServices } from '../resolve-services.js';
import { count, list, object, optional, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

export const kill = defineVerb({
  name: 'kill',
  role: 'admin',
  params: object({ services, signal: optional(string('Its name or number; default: TERM')) }),
  result: object({ signal: string(), pids: list(count()) }),
  run({ services: words, signal = 'TERM' }, { daemon }) {
    const name = signalName(signal);
    const pids = resolveServices(daemon.engine.units(), words).flatMap((unit) => [...unit.signal(name)]);
    return { signal: name, pids };
  },
});

/** `HUP`, `SIGHUP`, `hup` or `1`. */
function signalName(word: string): NodeJS.Signals {
  const upper = word.toUpperCase();
  const wanted = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const found = Object.entries(constants.signals).find(([name, number]) => name === wanted || String(number) === word);
  if (found === undefined)
    throw new ConfigError('usage', `${JSON.stringify(word.slice(0, 40))} is not a signal; wanted a name such as HUP, TERM or USR1`);
  return found[0] as NodeJS.Signals;
}
