import { commandUnits } from '../command-units.js';
import { commandParams, commandResult } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

export const start = defineVerb({
  name: 'start',
  role: 'admin',
  params: commandParams,
  result: commandResult,
  run: (params, call) => commandUnits(params, call, (unit) => unit.start()),
});
