import { commandUnits } from '../command-units.js';
import { commandParams, commandResult } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

export const stop = defineVerb({
  name: 'stop',
  role: 'admin',
  params: commandParams,
  result: commandResult,
  run: (params, call) => commandUnits(params, call, (unit) => unit.stop()),
});
